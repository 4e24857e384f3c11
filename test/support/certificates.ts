// Certificates for tests: the demo's throw-away authority under the name that tests know.
export { createTestAuthority } from '../../scripts/demo/certificates.ts'
export type { IssuedCertificate, IssueRequest, TestAuthority } from '../../scripts/demo/certificates.ts'
