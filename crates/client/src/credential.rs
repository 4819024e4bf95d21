//! Who asks: found from what the catalog says of a provider, in the argument, the environment and the configuration, in this order.
