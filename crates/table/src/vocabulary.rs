//! Vocabularies: the enums of the catalog, with the spelling and the documentation of each variant.
//!
//! Each vocabulary is declared only here: its YAML spelling, JSON Schema, row codes and terminal output come from the same lines. Only tables contain
//! row codes, and a row code is valid only in the tables of the build that stored the code.

/// The description of one enum of the catalog, such as [`Status`]: the name of the enum, and the spelling and documentation of each value. JSON
/// Schemas and reference tables are generated from these descriptions.
#[derive(Debug)]
pub struct Vocabulary {
    /// The name of the Rust enum, such as `ServiceTier`.
    pub name: &'static str,
    /// The documentation of the Rust enum, in Markdown.
    pub documentation: &'static str,
    /// Two texts for each value: its spelling in YAML, and its documentation. The index of a value in this list is its row code.
    pub words: &'static [(&'static str, &'static str)],
}

impl Vocabulary {
    /// All vocabularies whose values occur in catalog files, sorted by name.
    pub const ALL: &'static [&'static Self] = &[
        AliasKind::VOCABULARY,
        Api::VOCABULARY,
        AuthKind::VOCABULARY,
        Billing::VOCABULARY,
        Capability::VOCABULARY,
        Currency::VOCABULARY,
        MaxTokensField::VOCABULARY,
        Meter::VOCABULARY,
        Modality::VOCABULARY,
        ModelKind::VOCABULARY,
        ProviderKind::VOCABULARY,
        ReasoningEffort::VOCABULARY,
        ServiceTier::VOCABULARY,
        Status::VOCABULARY,
        VariableRole::VOCABULARY,
        Weekday::VOCABULARY,
        WireFeature::VOCABULARY,
    ];
}

/// An enum of the catalog. Each variant has a spelling, and a row code: the index of the variant in the [`Vocabulary`] of the enum.
pub trait Coded: Copy + 'static {
    /// The description of the enum: its name, and the spelling and documentation of each variant.
    const VOCABULARY: &'static Vocabulary;

    /// Returns the variant with the row code `code`. Returns `None` if no variant has this code.
    fn from_code(code: u8) -> Option<Self>;

    /// Returns the row code of the variant: the number that rows store for the variant.
    fn code(self) -> u8;
}

/// Declares an enum with a spelling and documentation for each variant.
macro_rules! vocabulary {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[repr(u8)]
        pub enum $name {
            $($(#[doc = $variant_doc])+ #[cfg_attr(feature = "serde", serde(rename = $text))] $variant,)+
        }

        impl $name {
            /// All variants, in the order of their row codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The description of the enum: its name, and the spelling and documentation of each variant.
            pub const VOCABULARY: &'static Vocabulary = &Vocabulary {
                name: stringify!($name),
                documentation: concat!($($doc),+).trim_ascii(),
                words: &[$(($text, concat!($($variant_doc),+).trim_ascii()),)+],
            };

            /// Returns the spelling of the variant in YAML, JSON and terminal output.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Parses the spelling of a variant. Returns `None` if no variant has this spelling. Spellings are case-sensitive.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// Returns the variant with the row code `code`. Returns `None` if no variant has this code.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                if (code as usize) < Self::ALL.len() { Some(Self::ALL[code as usize]) } else { None }
            }

            /// Returns the row code of the variant: the number that rows store for the variant.
            #[must_use]
            pub const fn code(self) -> u8 {
                self as u8
            }
        }

        impl Coded for $name {
            const VOCABULARY: &'static Vocabulary = Self::VOCABULARY;

            fn from_code(code: u8) -> Option<Self> {
                Self::from_code(code)
            }

            fn code(self) -> u8 {
                Self::code(self)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

pub(crate) use vocabulary;

vocabulary! {
    /// Wire protocol of an endpoint: the format of requests and responses.
    Api {
        /// OpenAI Chat Completions API, which most hosts implement.
        OpenaiCompletions = "openai-completions",
        /// OpenAI Responses API.
        OpenaiResponses = "openai-responses",
        /// Anthropic Messages API.
        AnthropicMessages = "anthropic-messages",
        /// Google Gemini API.
        GoogleGenerativeAi = "google-generative-ai",
        /// Amazon Bedrock Converse API.
        BedrockConverse = "bedrock-converse",
        /// Google Cloud Vertex AI API.
        GoogleVertex = "google-vertex",
        /// Azure OpenAI API: a variant of the OpenAI API with the name of a deployment in its paths.
        AzureOpenai = "azure-openai",
        /// Ollama chat API.
        Ollama = "ollama",
    }
}

impl Api {
    /// Returns whether some tools ignore the base URL of an endpoint with this wire protocol. These tools derive the host of requests from variables
    /// or settings instead.
    #[must_use]
    pub const fn has_derived_host(self) -> bool {
        matches!(self, Self::AzureOpenai | Self::BedrockConverse | Self::GoogleVertex)
    }
}

vocabulary! {
    /// Request field of an OpenAI-compatible API that limits the number of output tokens.
    MaxTokensField {
        /// `max_tokens`, the original field, which most hosts accept.
        MaxTokens = "max_tokens",
        /// `max_completion_tokens`, the newer field, whose limit includes reasoning tokens.
        MaxCompletionTokens = "max_completion_tokens",
    }
}

vocabulary! {
    /// Optional part of a wire protocol, which an endpoint may support.
    WireFeature {
        /// The endpoint accepts messages with the role `developer`.
        DeveloperRole = "developer_role",
        /// The endpoint accepts the request field `store`.
        Store = "store",
        /// The endpoint accepts the request field `reasoning_effort`.
        ReasoningEffort = "reasoning_effort",
        /// The endpoint reports the usage at the end of a stream if the request asks for the usage with the field `stream_options`.
        StreamUsage = "stream_usage",
    }
}

vocabulary! {
    /// Kind of provider, such as a lab, a host or an aggregator.
    ProviderKind {
        /// A lab that offers the models that it trains.
        Lab = "lab",
        /// A host that serves models of other labs.
        Host = "host",
        /// An aggregator that forwards requests to other providers.
        Aggregator = "aggregator",
        /// A cloud platform with its own credentials and regions.
        Cloud = "cloud",
        /// A subscription plan with its own endpoint.
        Plan = "plan",
        /// A server that runs on the user's own machine.
        Local = "local",
    }
}

vocabulary! {
    /// Kind of authentication that a provider accepts.
    AuthKind {
        /// API key, sent in a request header or a query parameter.
        ApiKey = "api-key",
        /// AWS credentials that sign each request.
        Aws = "aws",
        /// Application Default Credentials of Google Cloud.
        Gcp = "gcp",
        /// OAuth token that an interactive login obtains.
        Oauth = "oauth",
        /// No authentication: requests need no credential.
        None = "none",
    }
}

vocabulary! {
    /// Purpose of an environment variable that does not contain an API key.
    VariableRole {
        /// The public part of a key pair, such as an AWS access key id.
        KeyId = "key-id",
        /// The secret part of a key pair, such as an AWS secret access key.
        Secret = "secret",
        /// Session token that belongs to a temporary key pair.
        SessionToken = "session-token",
        /// Name or id of the account.
        Account = "account",
        /// Name or id of the project.
        Project = "project",
        /// Name of the cloud resource.
        Resource = "resource",
        /// Name of the region.
        Region = "region",
        /// Host and port of the endpoint.
        Host = "host",
        /// Path of the file with the credentials.
        File = "file",
    }
}

vocabulary! {
    /// Modality: a form of input or output of a model, such as text.
    Modality {
        /// Text.
        Text = "text",
        /// Images.
        Image = "image",
        /// Audio.
        Audio = "audio",
        /// Video.
        Video = "video",
        /// PDF documents.
        Pdf = "pdf",
        /// Files of other types.
        File = "file",
        /// Embedding vectors.
        Embedding = "embedding",
    }
}

vocabulary! {
    /// Capability that a model may have at a provider.
    Capability {
        /// The model reasons before it answers.
        Reasoning = "reasoning",
        /// The model calls tools.
        ToolCall = "tool_call",
        /// The model calls several tools in one response.
        ParallelToolCalls = "parallel_tool_calls",
        /// The request can require or forbid tool calls, with a field such as `tool_choice`.
        ToolChoice = "tool_choice",
        /// The response conforms to a JSON Schema that the request contains.
        StructuredOutput = "structured_output",
        /// The request can set the sampling temperature.
        Temperature = "temperature",
        /// The model accepts files that are attached to a message.
        Attachment = "attachment",
        /// The provider caches prompts, so that repeated input tokens cost less.
        PromptCaching = "prompt_caching",
        /// The model continues an assistant message that the request contains.
        AssistantPrefill = "assistant_prefill",
        /// The model searches the web by itself, without a tool that the request defines.
        WebSearch = "web_search",
        /// The model controls a computer by screenshots, mouse and keyboard.
        ComputerUse = "computer_use",
    }
}

vocabulary! {
    /// Task of a model: chat, embedding, rerank, ...
    ModelKind {
        /// Chat: the model answers messages with a message.
        Chat = "chat",
        /// Text completion: the model continues a text.
        Completion = "completion",
        /// Embedding: the model converts its input to vectors.
        Embedding = "embedding",
        /// Reranking: the model sorts documents by relevance to a query.
        Rerank = "rerank",
        /// Image generation: the model generates images.
        Image = "image",
        /// Video generation: the model generates videos.
        Video = "video",
        /// Text to speech: the model reads a text aloud.
        Speech = "speech",
        /// Speech to text: the model transcribes audio.
        Transcription = "transcription",
        /// Content moderation: the model classifies content that may be harmful.
        Moderation = "moderation",
        /// Realtime conversation: a session with audio input and audio output.
        Realtime = "realtime",
    }
}

vocabulary! {
    /// Lifecycle status of a model.
    Status {
        /// The model is generally available.
        Active = "active",
        /// The model is a preview, which the provider may change or withdraw.
        Preview = "preview",
        /// The provider still serves the model, but advises against using it.
        Deprecated = "deprecated",
        /// The provider no longer serves the model. The catalog keeps the model so that old references resolve.
        Retired = "retired",
    }
}

vocabulary! {
    /// Billing of a model: how usage of the model is charged. A model without a known price is `unpriced`, never `free`.
    Billing {
        /// Usage is charged at the rates of the price list.
        Metered = "metered",
        /// Usage is free of charge.
        Free = "free",
        /// Usage is covered by a subscription plan.
        Plan = "plan",
        /// The price is unknown.
        Unpriced = "unpriced",
    }
}

vocabulary! {
    /// Currency of prices, spelled as its ISO 4217 code.
    Currency {
        /// United States dollar.
        Usd = "USD",
        /// Chinese yuan.
        Cny = "CNY",
    }
}

vocabulary! {
    /// Meter: a kind of unit that is counted and charged, such as input tokens. Catalog files state the rate of a token meter per million tokens,
    /// and the rate of any other meter per single unit.
    Meter {
        /// All input tokens. In a price list, the rate applies to input tokens without a more specific rate.
        Input = "input",
        /// All output tokens. In a price list, the rate applies to output tokens without a more specific rate.
        Output = "output",
        /// Reasoning tokens, which are part of the output tokens.
        Reasoning = "reasoning",
        /// Input tokens that were read from the prompt cache.
        CacheRead = "cache_read",
        /// Input tokens that were written to the prompt cache with the default lifetime.
        CacheWrite = "cache_write",
        /// Input tokens that were written to the prompt cache with a lifetime of one hour.
        CacheWrite1h = "cache_write_1h",
        /// Input tokens of audio.
        InputAudio = "input_audio",
        /// Output tokens of audio.
        OutputAudio = "output_audio",
        /// Input tokens of images.
        InputImage = "input_image",
        /// Output tokens of images.
        OutputImage = "output_image",
        /// Requests to the provider.
        Request = "request",
        /// Generated images.
        Image = "image",
        /// Web searches that the provider made for the request.
        WebSearch = "web_search",
    }
}

impl Meter {
    /// Returns the number of units to which the rate of this meter in catalog files applies: a million for tokens, one for all other units. For
    /// example, catalog files state the price of a million input tokens, but the price of one image.
    #[must_use]
    pub const fn per(self) -> u32 {
        match self {
            Self::Request | Self::Image | Self::WebSearch => 1,
            _ => 1_000_000,
        }
    }
}

vocabulary! {
    /// Service tier other than the standard tier. Each service tier has its own rates.
    ServiceTier {
        /// Requests are processed as an asynchronous batch, usually within 24 hours.
        Batch = "batch",
        /// Requests are processed when capacity is available.
        Flex = "flex",
        /// Requests are processed with priority.
        Priority = "priority",
        /// Output tokens are generated faster.
        Fast = "fast",
    }
}

vocabulary! {
    /// Kind of an alias of a model or provider.
    AliasKind {
        /// Old id that the provider no longer accepts. The catalog keeps the id so that old references resolve.
        Legacy = "legacy",
        /// Id of one dated version.
        Pinned = "pinned",
        /// Id that always refers to the newest version.
        Moving = "moving",
        /// Alternative spelling of the id.
        Display = "display",
    }
}

vocabulary! {
    /// Reasoning-effort level that a request can set.
    ReasoningEffort {
        /// No reasoning before the answer.
        None = "none",
        /// Minimal reasoning effort.
        Minimal = "minimal",
        /// Low reasoning effort.
        Low = "low",
        /// Medium reasoning effort.
        Medium = "medium",
        /// High reasoning effort.
        High = "high",
        /// Extra high reasoning effort.
        Xhigh = "xhigh",
        /// Maximum reasoning effort.
        Max = "max",
    }
}

vocabulary! {
    /// Day of the week.
    Weekday {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

/// A set of variants of the enum `T`, stored as bits. The variants are iterated in the order of their row codes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Set<T> {
    bits: u32,
    variant: core::marker::PhantomData<T>,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { bits: 0, variant: core::marker::PhantomData }
    }
}

macro_rules! sets {
    ($($name:ident),+) => {$(
        impl Set<$name> {
            /// Creates a set from bits: the variant with row code `n` is in the set if bit `n` is 1. Bits without a variant are ignored.
            #[must_use]
            pub const fn from_bits(bits: u32) -> Self {
                Self { bits, variant: core::marker::PhantomData }
            }

            /// Returns the set as bits: bit `n` is 1 if the variant with row code `n` is in the set.
            #[must_use]
            pub const fn bits(self) -> u32 {
                self.bits
            }

            /// Returns whether the set is empty.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.bits == 0
            }

            /// Adds the variant `word` to the set.
            pub const fn insert(&mut self, word: $name) {
                self.bits |= 1 << word.code();
            }

            /// Returns whether the set contains the variant `word`.
            #[must_use]
            pub const fn contains(self, word: $name) -> bool {
                self.bits >> word.code() & 1 == 1
            }

            /// Iterates over the variants in the set, in the order of their row codes.
            pub fn iter(self) -> impl Iterator<Item = $name> {
                $name::ALL.iter().copied().filter(move |word| self.contains(*word))
            }
        }

        /// Compares sets as sorted lists of their variants.
        impl Ord for Set<$name> {
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                self.iter().cmp(other.iter())
            }
        }

        impl PartialOrd for Set<$name> {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl FromIterator<$name> for Set<$name> {
            fn from_iter<I: IntoIterator<Item = $name>>(words: I) -> Self {
                Self::from_bits(words.into_iter().fold(0, |bits, word| bits | 1 << word.code()))
            }
        }

        impl core::fmt::Debug for Set<$name> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_set().entries(self.iter()).finish()
            }
        }
    )+};
}

sets!(Modality, Capability, ReasoningEffort, Weekday);

impl<T> Set<T> {
    pub(crate) const fn of_bits(bits: u32) -> Self {
        Self { bits, variant: core::marker::PhantomData }
    }

    pub(crate) const fn into_bits(self) -> u32
    where
        T: Copy,
    {
        self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_code_round_trip() {
        for word in Meter::ALL {
            assert_eq!(Meter::parse(word.as_str()), Some(*word));
            assert_eq!(Meter::from_code(word.code()), Some(*word));
            assert_eq!(Meter::VOCABULARY.words[usize::from(word.code())].0, word.as_str());
        }
        assert_eq!(Meter::from_code(200), None);
        assert_eq!(Api::parse("openai"), None);
    }

    #[test]
    fn set_iterates_in_vocabulary_order() {
        let set: Set<Modality> = [Modality::Image, Modality::Text].into_iter().collect();
        assert!(set.iter().eq([Modality::Text, Modality::Image]));
    }
}
