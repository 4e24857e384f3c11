// RSA key pairs for tests: the demo's maker under the name that tests know.
export { createKeyPair } from '../../scripts/demo/key-pair.ts'
export type { KeyPair } from '../../scripts/demo/key-pair.ts'
