/** Most likely tokens kept per position: any top-k decoder up to this is then computed exactly. */
export const keptTokens = 40;
