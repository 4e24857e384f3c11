// An S3-compatible object store, as configured.
import { FilePath, Optional, Section, Type, type Static } from './schema.ts'

export const S3Config = Section({
  endpoint: Type.String({ pattern: '^https?://[^/?#]+$', description: 'Address of the store, without the bucket.', examples: ['https://s3.eu-central-1.amazonaws.com'] }),
  region: Type.String({ default: 'us-east-1', minLength: 1, description: 'The region that requests are signed for; stores of one\'s own mostly take us-east-1.' }),
  bucket: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$', description: 'An existing bucket; it is never created or changed.' }),
  prefix: Type.String({ default: '', pattern: '^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}/){0,4}$', description: 'What all names begin with, ending in a slash.', examples: ['sallyport/'] }),
  accessKeyId: Type.String({ minLength: 1, description: 'Names the account. It needs to get, put and list; to delete only where it prunes.' }),
  secretAccessKeyFile: FilePath({ description: 'File with its secret key. Only the account that uses the store has to read it.' }),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the store\'s certificate, when it is not a public one.' })),
}, { description: 'An S3-compatible object store.' })
export type S3Config = Static<typeof S3Config>
