//! Vocabularies: the enums of the catalog, with spelling and documentation.
//!
//! Each vocabulary is declared once, here: the YAML spelling, JSON Schema, row code and terminal output come from the same line. The codes
//! are private to one build and never stored elsewhere.

/// A vocabulary: a closed set of string values, as data for generated schemas and references.
#[derive(Debug)]
pub struct Vocabulary {
    /// The name of the Rust enum.
    pub name: &'static str,
    /// The documentation of the enum.
    pub documentation: &'static str,
    /// The values: YAML spelling and documentation. The index is the value's code.
    pub words: &'static [(&'static str, &'static str)],
}

impl Vocabulary {
    /// All vocabularies of catalog files, sorted by name.
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

/// An enum with a [`Vocabulary`]. The code of a variant is its index in the vocabulary.
pub trait Coded: Copy + 'static {
    /// The vocabulary of the enum.
    const VOCABULARY: &'static Vocabulary;

    /// Returns the variant with this code.
    fn from_code(code: u8) -> Option<Self>;

    /// Returns the code of the variant.
    fn code(self) -> u8;
}

/// Declares an enum with one spelling per variant.
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
            /// All variants, in canonical order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The enum as data: its name, and each variant's spelling and documentation.
            pub const VOCABULARY: &'static Vocabulary = &Vocabulary {
                name: stringify!($name),
                documentation: concat!($($doc),+).trim_ascii(),
                words: &[$(($text, concat!($($variant_doc),+).trim_ascii()),)+],
            };

            /// Returns the spelling in YAML, JSON and terminal output.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Parses a spelling. Case-sensitive.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// Returns the variant for a code stored in a row.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                if (code as usize) < Self::ALL.len() { Some(Self::ALL[code as usize]) } else { None }
            }

            /// Returns the code that rows store.
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
        /// OpenAI Chat Completions, which most hosts implement.
        OpenaiCompletions = "openai-completions",
        /// OpenAI Responses.
        OpenaiResponses = "openai-responses",
        /// Anthropic Messages.
        AnthropicMessages = "anthropic-messages",
        /// Google Gemini API.
        GoogleGenerativeAi = "google-generative-ai",
        /// Amazon Bedrock Converse.
        BedrockConverse = "bedrock-converse",
        /// Google Cloud Vertex AI.
        GoogleVertex = "google-vertex",
        /// Azure OpenAI: deployment-scoped variant of the OpenAI API.
        AzureOpenai = "azure-openai",
        /// Ollama chat API.
        Ollama = "ollama",
    }
}

vocabulary! {
    /// Request field for the maximum number of output tokens in OpenAI-compatible APIs.
    MaxTokensField {
        /// The original field, which most hosts accept.
        MaxTokens = "max_tokens",
        /// The newer field, which includes reasoning tokens.
        MaxCompletionTokens = "max_completion_tokens",
    }
}

vocabulary! {
    /// Optional part of a wire protocol: supported, unsupported or unknown for each endpoint.
    WireFeature {
        /// Messages with the role `developer`.
        DeveloperRole = "developer_role",
        /// The request field `store`.
        Store = "store",
        /// The request field `reasoning_effort`.
        ReasoningEffort = "reasoning_effort",
        /// Usage at the end of a stream, requested with `stream_options`.
        StreamUsage = "stream_usage",
    }
}

vocabulary! {
    /// Kind of service.
    ProviderKind {
        /// Offers the models it trains.
        Lab = "lab",
        /// Serves models of other labs.
        Host = "host",
        /// Routes requests to other providers.
        Aggregator = "aggregator",
        /// A cloud platform with its own credentials and regions.
        Cloud = "cloud",
        /// A subscription with its own endpoint.
        Plan = "plan",
        /// Runs on the user's own machine.
        Local = "local",
    }
}

vocabulary! {
    /// Kind of authentication.
    AuthKind {
        /// API key in a header.
        ApiKey = "api-key",
        /// AWS credentials that sign each request.
        Aws = "aws",
        /// Google Cloud application default credentials.
        Gcp = "gcp",
        /// OAuth token from a login.
        Oauth = "oauth",
        /// No authentication.
        None = "none",
    }
}

vocabulary! {
    /// Purpose of an environment variable other than that of the API key.
    VariableRole {
        /// The public half of a key pair.
        KeyId = "key-id",
        /// The private half of a key pair.
        Secret = "secret",
        /// Short-lived session token for a key pair.
        SessionToken = "session-token",
        /// Account name.
        Account = "account",
        /// Project name.
        Project = "project",
        /// Cloud resource name.
        Resource = "resource",
        /// Region name.
        Region = "region",
        /// Host and port.
        Host = "host",
        /// Path of a credentials file.
        File = "file",
    }
}

vocabulary! {
    /// Modality: a form of model input or output.
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
        /// Other files.
        File = "file",
        /// Embedding vectors.
        Embedding = "embedding",
    }
}

vocabulary! {
    /// Capability of a model as offered by a provider: `true`, `false` or unknown.
    Capability {
        /// Reasons before it answers.
        Reasoning = "reasoning",
        /// Calls tools.
        ToolCall = "tool_call",
        /// Calls several tools in one response.
        ParallelToolCalls = "parallel_tool_calls",
        /// Accepts a tool choice in the request.
        ToolChoice = "tool_choice",
        /// Conforms to a JSON Schema given in the request.
        StructuredOutput = "structured_output",
        /// Accepts a sampling temperature.
        Temperature = "temperature",
        /// Accepts file attachments.
        Attachment = "attachment",
        /// Caches prompts for cheaper reuse.
        PromptCaching = "prompt_caching",
        /// Continues an assistant message given in the request.
        AssistantPrefill = "assistant_prefill",
        /// Searches the web on its own.
        WebSearch = "web_search",
        /// Controls a computer's screen, mouse and keyboard.
        ComputerUse = "computer_use",
    }
}

vocabulary! {
    /// Task: chat, embedding, rerank, ...
    ModelKind {
        /// Chat: messages in, messages out.
        Chat = "chat",
        /// Plain text completion.
        Completion = "completion",
        /// Embedding vectors.
        Embedding = "embedding",
        /// Reranking of documents.
        Rerank = "rerank",
        /// Image generation.
        Image = "image",
        /// Video generation.
        Video = "video",
        /// Text to speech.
        Speech = "speech",
        /// Speech to text.
        Transcription = "transcription",
        /// Content moderation.
        Moderation = "moderation",
        /// Realtime sessions with audio input and output.
        Realtime = "realtime",
    }
}

vocabulary! {
    /// Lifecycle status of a model.
    Status {
        /// Generally available.
        Active = "active",
        /// Preview; may change or be withdrawn.
        Preview = "preview",
        /// Still served, but the provider advises against using it.
        Deprecated = "deprecated",
        /// No longer served; kept so that old references resolve.
        Retired = "retired",
    }
}

vocabulary! {
    /// Billing of a model. Free, covered by a plan and unpriced are different; none of them is a price of zero.
    Billing {
        /// By usage, at the rates of the price list.
        Metered = "metered",
        /// Free of charge.
        Free = "free",
        /// Covered by a subscription plan.
        Plan = "plan",
        /// No source states a price.
        Unpriced = "unpriced",
    }
}

vocabulary! {
    /// Currency, by its ISO 4217 code.
    Currency {
        /// United States dollar.
        Usd = "USD",
        /// Chinese yuan.
        Cny = "CNY",
    }
}

vocabulary! {
    /// Meter: kind of counted unit. Rates of token meters are per million tokens; rates of other meters per unit.
    Meter {
        /// Input tokens.
        Input = "input",
        /// Output tokens.
        Output = "output",
        /// Reasoning tokens, where they have a separate rate.
        Reasoning = "reasoning",
        /// Input tokens read from a cache.
        CacheRead = "cache_read",
        /// Input tokens written to a cache with the default lifetime.
        CacheWrite = "cache_write",
        /// Input tokens written to a cache with a lifetime of one hour.
        CacheWrite1h = "cache_write_1h",
        /// Audio input tokens.
        InputAudio = "input_audio",
        /// Audio output tokens.
        OutputAudio = "output_audio",
        /// Image input tokens.
        InputImage = "input_image",
        /// Image output tokens.
        OutputImage = "output_image",
        /// Requests.
        Request = "request",
        /// Generated images.
        Image = "image",
        /// Web searches.
        WebSearch = "web_search",
    }
}

impl Meter {
    /// Returns the number of units that one authored rate is for: a million for tokens, else one.
    #[must_use]
    pub const fn per(self) -> u32 {
        match self {
            Self::Request | Self::Image | Self::WebSearch => 1,
            _ => 1_000_000,
        }
    }
}

vocabulary! {
    /// Service tier with separate rates.
    ServiceTier {
        /// Asynchronous batch, usually answered within 24 hours.
        Batch = "batch",
        /// Processed when capacity is available.
        Flex = "flex",
        /// Processed with priority.
        Priority = "priority",
        /// Faster output.
        Fast = "fast",
    }
}

vocabulary! {
    /// Kind of alias.
    AliasKind {
        /// Old id that the provider no longer accepts; kept so that old references resolve.
        Legacy = "legacy",
        /// Name of a dated version.
        Pinned = "pinned",
        /// Name that follows the newest version.
        Moving = "moving",
        /// Alternative spelling.
        Display = "display",
    }
}

vocabulary! {
    /// Reasoning-effort level.
    ReasoningEffort {
        /// No reasoning.
        None = "none",
        /// Minimal reasoning.
        Minimal = "minimal",
        /// Low effort.
        Low = "low",
        /// Medium effort.
        Medium = "medium",
        /// High effort.
        High = "high",
        /// Extra high effort.
        Xhigh = "xhigh",
        /// Maximum effort.
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

/// A set of enum variants, stored as bits. Iterates in the order of the vocabulary.
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
            /// Creates a set from bits; iteration skips unknown bits.
            #[must_use]
            pub const fn from_bits(bits: u32) -> Self {
                Self { bits, variant: core::marker::PhantomData }
            }

            /// Returns the bits, one per variant in the order of the vocabulary.
            #[must_use]
            pub const fn bits(self) -> u32 {
                self.bits
            }

            /// Returns whether the set is empty.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.bits == 0
            }

            /// Adds a variant.
            pub const fn insert(&mut self, word: $name) {
                self.bits |= 1 << word.code();
            }

            /// Returns whether the set contains `word`.
            #[must_use]
            pub const fn contains(self, word: $name) -> bool {
                self.bits >> word.code() & 1 == 1
            }

            /// Iterates over the variants in the order of the vocabulary.
            pub fn iter(self) -> impl Iterator<Item = $name> {
                $name::ALL.iter().copied().filter(move |word| self.contains(*word))
            }
        }

        /// Compares like sorted lists of the same variants.
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
