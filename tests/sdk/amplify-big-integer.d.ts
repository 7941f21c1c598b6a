/** The package ships no types for this file. */
declare module 'amazon-cognito-identity-js/es/BigInteger.js' {
  const BigInteger: unknown;
  export default BigInteger;
}
