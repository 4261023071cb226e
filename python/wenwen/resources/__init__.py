"""The resources of a client, one module per API: `client.responses` and so on."""
