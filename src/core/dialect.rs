//! Which API a request speaks: what its stream, its errors and its replies look like.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Nothing is known of the events: all pass. It ends at `[DONE]` or where the bytes end.
    Plain,
    /// `/v1/responses`
    Responses,
    /// `/v1/chat/completions`
    Chat,
    /// `/v1/messages`
    Messages,
    /// `/mj`: no streams; a reply names its outcome by a code (REFERENCE 5).
    Midjourney,
    /// `/v1beta/models/{model}:streamGenerateContent`
    Gemini,
    /// `/v1/audio/transcriptions`, `/v1/audio/translations`
    Transcripts,
    /// `/v1/audio/speech`
    Speech,
    /// `/v1/images/generations`
    ImageGeneration,
    /// `/v1/images/edits`
    ImageEdit,
}

impl Dialect {
    /// Whether a request asks for a stream by its field `stream`. Gemini has a path for it, speech a `stream_format`.
    pub fn has_stream_field(self) -> bool {
        !matches!(self, Self::Gemini | Self::Speech)
    }
}
