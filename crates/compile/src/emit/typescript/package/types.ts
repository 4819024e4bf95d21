
/** A provider: a service with endpoints and models. */
export interface Provider {
  /** Id, the part of a reference before the first slash. */
  readonly id: string;
  readonly name: string;
  readonly kind?: ProviderKind;
  readonly doc_url?: string;
  /** Provider from which it inherits. */
  readonly extends?: string;
  /** Endpoints; the first is the default. */
  readonly endpoints: readonly Endpoint[];
  /** Authentication methods, in order of preference. */
  readonly auth: readonly Auth[];
  /** Id of the default model of the provider. */
  readonly default_model?: string;
  /** Alternative ids of the provider. */
  readonly aliases?: readonly ProviderAlias[];
  readonly sources?: readonly Source[];
}

/** An endpoint: a base URL with its wire protocol, region and plan. */
export interface Endpoint {
  readonly id: string;
  /** URL to which the paths of the protocol are appended. May contain variables, written as `${NAME}`. */
  readonly base_url: string;
  readonly api: Api;
  readonly region?: string;
  readonly plan?: string;
  /** Additional headers, by name. None is a secret. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Deviations from the wire protocol, and supported optional features. Absent features are unknown. */
  readonly compat?: Compat;
}

/** Deviations of an endpoint from its wire protocol, and supported optional features. */
export interface Compat extends Readonly<Partial<Record<WireFeature, boolean>>> {
  /** Request field for the maximum number of output tokens. */
  readonly max_tokens_field?: MaxTokensField;
}

/** An authentication method. */
export interface Auth {
  readonly kind: AuthKind;
  /** Environment variables that may contain the key; one is sufficient. */
  readonly env?: readonly string[];
  /** Further environment variables. */
  readonly variables?: readonly Variable[];
  /** Header in which the key is sent, if it differs from the default of the protocol. */
  readonly header?: string;
  /** Word before the key in `header`, such as `Bearer`. */
  readonly scheme?: string;
  /** Query parameter in which the key is sent instead of a header. */
  readonly query?: string;
}

/** An environment variable that is required in addition to the key. */
export interface Variable {
  /** Names of the variable; one is sufficient. */
  readonly env: readonly string[];
  readonly role: VariableRole;
  readonly optional?: boolean;
  /** Value to use if the variable is unset. */
  readonly default?: string;
}

/** An alternative id of a provider. */
export interface ProviderAlias {
  readonly id: string;
  readonly kind: AliasKind;
  readonly reason?: string;
  /** Date after which the alias may be removed. */
  readonly until?: PartialDate;
}

/** An alternative id of a model. */
export interface Alias {
  /** Id of the model to which it resolves. */
  readonly target: string;
  readonly kind: AliasKind;
  readonly reason?: string;
  /** Date after which the alias may be removed. */
  readonly until?: PartialDate;
}

/** A page that states facts, and the date on which it was read. */
export interface Source {
  readonly url: string;
  readonly checked?: PartialDate;
}

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, with the precision of its source. */
export type PartialDate = string;

/** A model as one provider offers it. Absent facts are unknown; unknown facts are never zero. */
export type Model = Facts & Pricing;

/** The facts of a model. Absent capabilities are unknown. */
export interface Facts extends Readonly<Partial<Record<Capability, boolean>>> {
  /** Model id in requests. */
  readonly id: string;
  /** Reference, `provider/id`. */
  readonly ref: string;
  // The facts.
}

/** Billing and prices. Only metered models have prices. Free models cost nothing; the cost of models in a plan and of unpriced models is unknown. */
export type Pricing =
  | { readonly billing: "metered"; readonly prices: readonly Price[] }
  | { readonly billing: Exclude<Billing, "metered">; readonly prices?: never };

/** An entry of a price list. The first has no conditions; the last matching entry wins, rate by rate. */
export interface Price {
  readonly currency: Currency;
  /** Conditions; none if absent. */
  readonly when?: Condition;
  /**
   * Rates in the currency per million tokens; `request`, `image` and `web_search` per single unit. The decimals are exact, but
   * floating-point sums of them are not.
   */
  readonly rates: Readonly<Partial<Record<Meter, number>>>;
}

/** The conditions of a price, which must all match. */
export interface Condition {
  /** Requests with more input tokens than this. */
  readonly above?: number;
  readonly tier?: ServiceTier;
  /** From this moment on, in UTC. */
  readonly from?: string;
  /** Before this moment, in UTC. */
  readonly until?: string;
  readonly hours?: Hours;
  readonly region?: string;
}

/** Hours of the day, which cross midnight if the end is not after the start. */
export interface Hours {
  /** `HH:MM`. */
  readonly start: string;
  /** `HH:MM`, exclusive. */
  readonly end: string;
  /** `UTC`, or an offset such as `+08:00`. */
  readonly time_zone: string;
  /** Days of the week; all days if absent. */
  readonly days?: readonly Weekday[];
}
