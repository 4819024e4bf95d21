//! The closed sets of words that the catalog speaks.
//!
//! Each set is written once, here: the YAML spelling, the JSON Schema, the byte in a row and the word on screen all come
//! from the same line. The numbers behind the variants are private to one build and never stored elsewhere.

/// A closed set of words as data, for what is generated from all of them.
#[derive(Debug)]
pub struct Vocabulary {
    /// The name of its type.
    pub name: &'static str,
    /// What the words are for.
    pub documentation: &'static str,
    /// Each word, as YAML spells it, and its documentation, in canonical order. The place is the word's code.
    pub words: &'static [(&'static str, &'static str)],
}

impl Vocabulary {
    /// Every vocabulary of the catalog's files, by name.
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

/// A vocabulary as a type: each word has a code, which is its place in the vocabulary.
pub trait Coded: Copy + 'static {
    /// The vocabulary.
    const VOCABULARY: &'static Vocabulary;

    /// The word with this code.
    fn from_code(code: u8) -> Option<Self>;

    /// The code of the word.
    fn code(self) -> u8;
}

/// Declares an enum whose variants each have one spelling.
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
            /// Every word of the set, in its canonical order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The set as data: its name, and each word with its documentation.
            pub const VOCABULARY: &'static Vocabulary = &Vocabulary {
                name: stringify!($name),
                documentation: concat!($($doc),+).trim_ascii(),
                words: &[$(($text, concat!($($variant_doc),+).trim_ascii()),)+],
            };

            /// The word as YAML, JSON and the terminal spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The word that is spelled `text`, exactly.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// The word stored as `code` in a row.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                if (code as usize) < Self::ALL.len() { Some(Self::ALL[code as usize]) } else { None }
            }

            /// The byte that stands for the word in a row.
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
    /// A wire protocol: how a request to an endpoint is written and its answer read.
    Api {
        /// OpenAI's chat completions, the protocol most hosts imitate.
        OpenaiCompletions = "openai-completions",
        /// OpenAI's responses.
        OpenaiResponses = "openai-responses",
        /// Anthropic's messages.
        AnthropicMessages = "anthropic-messages",
        /// Google's Gemini API.
        GoogleGenerativeAi = "google-generative-ai",
        /// Amazon Bedrock's Converse.
        BedrockConverse = "bedrock-converse",
        /// Google Cloud's Vertex AI.
        GoogleVertex = "google-vertex",
        /// Azure's deployment-scoped variant of OpenAI's API.
        AzureOpenai = "azure-openai",
        /// Ollama's own chat API.
        Ollama = "ollama",
    }
}

vocabulary! {
    /// The field of an OpenAI-compatible request that says how many tokens the answer may have.
    MaxTokensField {
        /// The first name, which most hosts know.
        MaxTokens = "max_tokens",
        /// The name that also counts what a model thinks.
        MaxCompletionTokens = "max_completion_tokens",
    }
}

vocabulary! {
    /// A part of a wire protocol that not every service which speaks it takes. Each is known to be taken, known to be refused, or unknown.
    WireFeature {
        /// Messages with the role `developer`.
        DeveloperRole = "developer_role",
        /// The field `store`.
        Store = "store",
        /// The field `reasoning_effort`.
        ReasoningEffort = "reasoning_effort",
        /// Usage at the end of a stream, asked for with `stream_options`.
        StreamUsage = "stream_usage",
    }
}

vocabulary! {
    /// What kind of service a provider is.
    ProviderKind {
        /// Sells the models it makes.
        Lab = "lab",
        /// Serves models that others made.
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
    /// How a request proves who sends it.
    AuthKind {
        /// A key in a header.
        ApiKey = "api-key",
        /// AWS credentials that sign each request.
        Aws = "aws",
        /// Google Cloud application default credentials.
        Gcp = "gcp",
        /// A token obtained by logging in.
        Oauth = "oauth",
        /// Nothing is asked for.
        None = "none",
    }
}

vocabulary! {
    /// What a variable beside the key is for.
    VariableRole {
        /// The public half of a key pair.
        KeyId = "key-id",
        /// The private half of a key pair.
        Secret = "secret",
        /// A short-lived token that goes with a key pair.
        SessionToken = "session-token",
        /// Names an account.
        Account = "account",
        /// Names a project.
        Project = "project",
        /// Names a cloud resource.
        Resource = "resource",
        /// Names a region.
        Region = "region",
        /// Names a host and port.
        Host = "host",
        /// Names a file with credentials in it.
        File = "file",
    }
}

vocabulary! {
    /// A form of content that goes into a model or comes out of it.
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
        /// Vectors.
        Embedding = "embedding",
    }
}

vocabulary! {
    /// Something a model can do when it is asked over the wire. Each is known to be so, known not to be, or unknown.
    Capability {
        /// Thinks before it answers.
        Reasoning = "reasoning",
        /// Calls tools.
        ToolCall = "tool_call",
        /// Calls several tools in one turn.
        ParallelToolCalls = "parallel_tool_calls",
        /// Can be told which tool to call.
        ToolChoice = "tool_choice",
        /// Answers in the shape of a given schema.
        StructuredOutput = "structured_output",
        /// Takes a sampling temperature.
        Temperature = "temperature",
        /// Takes files beside the text.
        Attachment = "attachment",
        /// Keeps prompts for cheaper reuse.
        PromptCaching = "prompt_caching",
        /// Continues an answer that the request begins.
        AssistantPrefill = "assistant_prefill",
        /// Searches the web by itself.
        WebSearch = "web_search",
        /// Drives a computer's screen and keyboard.
        ComputerUse = "computer_use",
    }
}

vocabulary! {
    /// What a model is called for.
    ModelKind {
        /// Conversation.
        Chat = "chat",
        /// Plain text completion.
        Completion = "completion",
        /// Vectors from text.
        Embedding = "embedding",
        /// Ranking of documents.
        Rerank = "rerank",
        /// Making images.
        Image = "image",
        /// Making video.
        Video = "video",
        /// Speaking.
        Speech = "speech",
        /// Writing down what is said.
        Transcription = "transcription",
        /// Judging content.
        Moderation = "moderation",
        /// A session with audio in and out.
        Realtime = "realtime",
    }
}

vocabulary! {
    /// Where a model stands in its life.
    Status {
        /// Offered without reservation.
        Active = "active",
        /// Offered for trial; may change or go.
        Preview = "preview",
        /// Still answers, but is to be left.
        Deprecated = "deprecated",
        /// No longer answers; kept so that old references resolve.
        Retired = "retired",
    }
}

vocabulary! {
    /// How a model is paid for. Free, in a plan and unpriced are three things; none of them is a price of zero.
    Billing {
        /// By what is used, at the listed rates.
        Metered = "metered",
        /// The provider asks nothing.
        Free = "free",
        /// A subscription covers it.
        Plan = "plan",
        /// Nobody has said.
        Unpriced = "unpriced",
    }
}

vocabulary! {
    /// A currency, by its ISO 4217 code.
    Currency {
        /// United States dollar.
        Usd = "USD",
        /// Chinese yuan.
        Cny = "CNY",
    }
}

vocabulary! {
    /// What a rate counts. Token meters are per million tokens; the others per single unit.
    Meter {
        /// Tokens of the request.
        Input = "input",
        /// Tokens of the answer.
        Output = "output",
        /// Tokens of thinking, where they have a rate of their own.
        Reasoning = "reasoning",
        /// Tokens of the request that were read from a cache.
        CacheRead = "cache_read",
        /// Tokens written to a cache, at its default lifetime.
        CacheWrite = "cache_write",
        /// Tokens written to a cache for one hour.
        CacheWrite1h = "cache_write_1h",
        /// Audio tokens of the request.
        InputAudio = "input_audio",
        /// Audio tokens of the answer.
        OutputAudio = "output_audio",
        /// Image tokens of the request.
        InputImage = "input_image",
        /// Image tokens of the answer.
        OutputImage = "output_image",
        /// One request, whatever its size.
        Request = "request",
        /// One image made.
        Image = "image",
        /// One web search.
        WebSearch = "web_search",
    }
}

impl Meter {
    /// How many units one authored rate is for: a million for tokens, one for everything else.
    #[must_use]
    pub const fn per(self) -> u32 {
        match self {
            Self::Request | Self::Image | Self::WebSearch => 1,
            _ => 1_000_000,
        }
    }
}

vocabulary! {
    /// A class of service that has rates of its own.
    ServiceTier {
        /// Answered within a day.
        Batch = "batch",
        /// Answered when there is room.
        Flex = "flex",
        /// Answered before others.
        Priority = "priority",
        /// Answered at a higher speed.
        Fast = "fast",
    }
}

vocabulary! {
    /// Why another id resolves to a model or provider.
    AliasKind {
        /// Dead on the wire; kept so that old references resolve.
        Legacy = "legacy",
        /// Names one dated version and stays with it.
        Pinned = "pinned",
        /// Follows the newest version.
        Moving = "moving",
        /// A spelling that people use.
        Display = "display",
    }
}

vocabulary! {
    /// How hard a model may be asked to think.
    ReasoningEffort {
        /// Not at all.
        None = "none",
        /// As little as possible.
        Minimal = "minimal",
        /// A little.
        Low = "low",
        /// The middle.
        Medium = "medium",
        /// A lot.
        High = "high",
        /// More than a lot.
        Xhigh = "xhigh",
        /// As much as there is.
        Max = "max",
    }
}

vocabulary! {
    /// A day of the week.
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

/// A set of words of one vocabulary, as bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Set<T> {
    bits: u32,
    of: core::marker::PhantomData<T>,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { bits: 0, of: core::marker::PhantomData }
    }
}

macro_rules! sets {
    ($($name:ident),+) => {$(
        impl Set<$name> {
            /// The set with these bits; unknown bits are kept out by iteration.
            #[must_use]
            pub const fn from_bits(bits: u32) -> Self {
                Self { bits, of: core::marker::PhantomData }
            }

            /// The bits, one for each word in the order of its vocabulary.
            #[must_use]
            pub const fn bits(self) -> u32 {
                self.bits
            }

            /// Whether no word is in the set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.bits == 0
            }

            /// Adds a word.
            pub const fn insert(&mut self, word: $name) {
                self.bits |= 1 << word.code();
            }

            /// Whether `word` is in the set.
            #[must_use]
            pub const fn contains(self, word: $name) -> bool {
                self.bits >> word.code() & 1 == 1
            }

            /// The words of the set in canonical order.
            pub fn iter(self) -> impl Iterator<Item = $name> {
                $name::ALL.iter().copied().filter(move |word| self.contains(*word))
            }
        }

        /// As lists of the same words in canonical order compare.
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
        Self { bits, of: core::marker::PhantomData }
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
    fn spelling_and_code_return_to_the_word() {
        for word in Meter::ALL {
            assert_eq!(Meter::parse(word.as_str()), Some(*word));
            assert_eq!(Meter::from_code(word.code()), Some(*word));
            assert_eq!(Meter::VOCABULARY.words[usize::from(word.code())].0, word.as_str());
        }
        assert_eq!(Meter::from_code(200), None);
        assert_eq!(Api::parse("openai"), None);
    }

    #[test]
    fn a_set_keeps_canonical_order() {
        let set: Set<Modality> = [Modality::Image, Modality::Text].into_iter().collect();
        assert!(set.iter().eq([Modality::Text, Modality::Image]));
    }
}
