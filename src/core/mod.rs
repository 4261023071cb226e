//! The client without Python: a call goes down as a request and comes back as a reply, an event stream or an error.
