// How often the head of the chain is signed, and where it is kept beside the gateway's own directory.
import { S3Config } from '../../shared/s3-config.ts'
import { DirectoryPath, Duration, FilePath, Optional, Secret, Section, Type, type Static } from '../../shared/schema.ts'

const Witness = Section({
  url: Type.String({ pattern: '^https://', description: 'Each checkpoint is sent here with PUT, its name as the last part of the path; 2xx means that it is kept.' }),
  authority: Optional(FilePath({ description: 'PEM file with the authority of the receiver\'s certificate.' })),
  token: Optional(Secret({ description: 'Sent as Authorization: Bearer.' })),
}, { description: 'A receiver over https.' })
export type Witness = Static<typeof Witness>

export const CheckpointsConfig = Section({
  every: Duration({ default: '1m', description: 'The head is signed this often, also when nothing happens. The end of the trail is proven up to the last checkpoint.' }),
  records: Type.Integer({ default: 10000, minimum: 1, maximum: 1000000, description: 'And whenever so many records were added.' }),
  directories: Type.Array(DirectoryPath({ description: 'A directory.' }), {
    default: [], description: 'Further directories that whoever could rewrite the trail cannot change: a mounted share, write-once storage.',
  }),
  objectStores: Type.Array(S3Config, { default: [], description: 'Buckets that keep checkpoints; best ones that keep versions, or lock.' }),
  witnesses: Type.Array(Witness, { default: [], description: 'Receivers elsewhere that keep checkpoints.' }),
}, { default: {}, description: 'Signed checkpoints of the trail. They are always kept in the data directory (checkpoints/).' })
export type CheckpointsConfig = Static<typeof CheckpointsConfig>
