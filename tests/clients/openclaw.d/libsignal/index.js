// The names that are imported of the real library. Whoever calls one learns that it is not here.
const missing = () => {
  throw new Error("libsignal is not installed");
};

export {
  missing as calculateMAC,
  missing as calculateSignature,
  missing as decrypt,
  missing as deriveSecrets,
  missing as encrypt,
  missing as generateKeyPair,
  missing as verifySignature,
};
