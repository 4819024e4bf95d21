
/** A provider: a service with endpoints and models. */
export interface Provider {
  /** Id: the part of a model reference before the first slash. */
  readonly id: string;
  readonly name: string;
  readonly kind?: ProviderKind;
  readonly doc_url?: string;
  /** Id of the provider from which this provider inherits. */
  readonly extends?: string;
  /** Endpoints; the first one is the default. */
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
  /** URL to which the paths of the wire protocol are appended. The URL may contain variables, written as `${NAME}`. */
  readonly base_url: string;
  readonly api: Api;
  readonly region?: string;
  readonly plan?: string;
  /** Additional headers of every request, by name. The values are not secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Deviations from the wire protocol, and optional features. An absent feature is unknown. */
  readonly compat?: Compat;
}

/** Deviations of an endpoint from its wire protocol, and optional features: `true` if the endpoint supports the feature. */
export interface Compat extends Readonly<Partial<Record<WireFeature, boolean>>> {
  /** Request field for the maximum number of output tokens. */
  readonly max_tokens_field?: MaxTokensField;
}

/** An authentication method. */
export interface Auth {
  readonly kind: AuthKind;
  /** Environment variables that may contain the API key; one of them is sufficient. */
  readonly env?: readonly string[];
  /** Further environment variables that the method uses, such as a region. */
  readonly variables?: readonly Variable[];
  /** Header in which the API key is sent; if absent, the header of the wire protocol. */
  readonly header?: string;
  /** Word before the API key in `header`, such as `Bearer`. */
  readonly scheme?: string;
  /** Query parameter in which the API key is sent instead of in a header. */
  readonly query?: string;
}

/** An environment variable that an authentication method uses in addition to the API key. */
export interface Variable {
  /** Names of the environment variable; one of them is sufficient. */
  readonly env: readonly string[];
  readonly role: VariableRole;
  readonly optional?: boolean;
  /** Value that is used if the variable is not set. */
  readonly default?: string;
}

/** An alternative id of a provider. */
export interface ProviderAlias {
  readonly id: string;
  readonly kind: AliasKind;
  readonly reason?: string;
  /** Date after which the alias may be removed from the catalog. */
  readonly until?: PartialDate;
}

/** An alternative id of a model. */
export interface Alias {
  /** Id of the model to which the alias resolves. */
  readonly target: string;
  readonly kind: AliasKind;
  readonly reason?: string;
  /** Date after which the alias may be removed from the catalog. */
  readonly until?: PartialDate;
}

/** A page that states facts, and the date on which it was read. */
export interface Source {
  readonly url: string;
  readonly checked?: PartialDate;
}

/** A date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as precise as the source of the date. */
export type PartialDate = string;

/** A model as one provider offers it. A fact that is absent is unknown; it is not 0. */
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

/** An entry of a price list. If several entries apply, each rate comes from the last applicable entry that states the rate. */
export interface Price {
  readonly currency: Currency;
  /** Conditions; if absent, the entry always applies. */
  readonly when?: Condition;
  /**
   * Rates in the currency per million tokens; `request`, `image` and `web_search` per single unit. The decimals are exact, but
   * floating-point sums of them are not.
   */
  readonly rates: Readonly<Partial<Record<Meter, number>>>;
}

/** The conditions of a price, which must all match. */
export interface Condition {
  /** The entry applies to requests with more input tokens than this number. */
  readonly above?: number;
  readonly tier?: ServiceTier;
  /** The entry applies from this moment on, in UTC. */
  readonly from?: string;
  /** The entry applies until this moment, exclusive, in UTC. */
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
  /** Time zone of the hours and days: `UTC`, or an offset such as `+08:00`. */
  readonly time_zone: string;
  /** Days of the week; all days if absent. */
  readonly days?: readonly Weekday[];
}
