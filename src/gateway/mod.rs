//! The embedded local gateway: answers as the real one does, on loopback.
