
/** A service that requests are sent to. */
export interface Provider {
  /** The part of a reference before the first slash. */
  readonly id: string;
  readonly name: string;
  readonly kind?: ProviderKind;
  readonly doc_url?: string;
  /** The provider whose entry it was made from. */
  readonly extends?: string;
  /** The first is the default. */
  readonly endpoints: readonly Endpoint[];
  /** Alternatives, in order of preference. */
  readonly auth: readonly Auth[];
  /** The id of the model that the provider itself would pick. */
  readonly default_model?: string;
  /** Other ids of the provider. */
  readonly aliases?: readonly ProviderAlias[];
  readonly sources?: readonly Source[];
}

/** One base URL of a provider. */
export interface Endpoint {
  readonly id: string;
  /** The URL that the protocol's paths are appended to. It may hold variables, written as `${NAME}`. */
  readonly base_url: string;
  readonly api: Api;
  readonly region?: string;
  readonly plan?: string;
  /** Headers that it wants beside the usual ones, by name. None of them is a secret. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What it takes of its protocol. What is absent is unknown: nobody has said. */
  readonly compat?: Compat;
}

/** What an endpoint takes of its protocol. */
export interface Compat extends Readonly<Partial<Record<WireFeature, boolean>>> {
  /** The field that says how many tokens the answer may have. */
  readonly max_tokens_field?: MaxTokensField;
}

/** One way to prove who asks. */
export interface Auth {
  readonly kind: AuthKind;
  /** Names of environment variables that may hold the key, never a key: any one is enough. */
  readonly env?: readonly string[];
  /** What is needed beside the key. */
  readonly variables?: readonly Variable[];
  /** The header that the key goes into, where that is not the usual one of the protocol. */
  readonly header?: string;
  /** What stands before the key in `header`, such as `Bearer`. */
  readonly scheme?: string;
  /** The parameter of the query that the key goes into, where it goes into no header. */
  readonly query?: string;
}

/** An environment variable that is needed beside the key. */
export interface Variable {
  /** Its names: any one is enough. */
  readonly env: readonly string[];
  readonly role: VariableRole;
  readonly optional?: boolean;
  /** The value when it is unset. */
  readonly default?: string;
}

/** Another id of a provider. */
export interface ProviderAlias {
  readonly id: string;
  readonly kind: AliasKind;
  readonly reason?: string;
  /** The day after which it may go. */
  readonly until?: PartialDate;
}

/** Another id of a model. */
export interface Alias {
  /** The id of the model that it stands for. */
  readonly target: string;
  readonly kind: AliasKind;
  readonly reason?: string;
  /** The day after which it may go. */
  readonly until?: PartialDate;
}

/** Who published a fact, and when that was looked up. */
export interface Source {
  readonly url: string;
  readonly checked?: PartialDate;
}

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`: as precise as its source. */
export type PartialDate = string;

/** A model as one provider sells it. What is absent is unknown; nothing is zero because it is unknown. */
export type Model = Facts & Pricing;

/** What a model is and can do. A capability that is absent is unknown: nobody has said. */
export interface Facts extends Readonly<Partial<Record<Capability, boolean>>> {
  /** The id on the wire. */
  readonly id: string;
  /** The whole reference, `provider/id`. */
  readonly ref: string;
  // The facts.
}

/** How a model is paid for. Only a metered one has prices; a free one costs nothing; in a plan and unpriced are not zero. */
export type Pricing =
  | { readonly billing: "metered"; readonly prices: readonly Price[] }
  | { readonly billing: Exclude<Billing, "metered">; readonly prices?: never };

/** One entry of a price list. The first always holds; the last one that holds wins, rate by rate. */
export interface Price {
  readonly currency: Currency;
  /** When it holds; always where it is absent. */
  readonly when?: Condition;
  /**
   * In the currency per million tokens; `request`, `image` and `web_search` per single unit. Decimals, exact as they are written
   * here; a sum of them in floating point is not.
   */
  readonly rates: Readonly<Partial<Record<Meter, number>>>;
}

/** When a price holds: all parts at once. */
export interface Condition {
  /** More input tokens than this. */
  readonly above?: number;
  readonly tier?: ServiceTier;
  /** Not before this moment, in UTC. */
  readonly from?: string;
  /** Before this moment, in UTC. */
  readonly until?: string;
  readonly hours?: Hours;
  readonly region?: string;
}

/** Hours of the day, which cross midnight when the end is not after the start. */
export interface Hours {
  /** `HH:MM`. */
  readonly start: string;
  /** `HH:MM`, exclusive. */
  readonly end: string;
  /** `UTC`, or a distance from it such as `+08:00`. */
  readonly time_zone: string;
  /** All of them where it is absent. */
  readonly days?: readonly Weekday[];
}
