// How often the head of the chain is signed, and where it is kept beside the gateway's own directory.
import { DirectoryPath, Duration, FilePath, Optional, Secret, Section, Type, type Static } from '../../shared/schema.ts'

const Copy = Type.Union([
  Section({ directory: DirectoryPath({ description: 'A directory that neither the administrator of Redis nor the one of this machine alone can change: a mounted share, write-once storage.' }) }, { description: 'Another directory.' }),
  Section({
    url: Type.String({ pattern: '^https://', description: 'Each checkpoint is sent here with PUT, its name as the last part of the path; 2xx means that it is kept.' }),
    authority: Optional(FilePath({ description: 'PEM file with the authority of the receiver\'s certificate.' })),
    token: Optional(Secret({ description: 'Sent as Authorization: Bearer.' })),
  }, { description: 'A receiver over https.' }),
])

export const CheckpointsConfig = Section({
  every: Duration({ default: '1m', description: 'The head is signed this often, also when nothing happens. The end of the trail is proven up to the last checkpoint.' }),
  records: Type.Integer({ default: 10000, minimum: 1, maximum: 1000000, description: 'And whenever so many records were added.' }),
  copies: Type.Array(Copy, { default: [], description: 'Further places. Whoever could rewrite the trail must not be able to change one of them.' }),
}, { default: {}, description: 'Signed checkpoints of the trail. They are always kept in the data directory (checkpoints/).' })
export type CheckpointsConfig = Static<typeof CheckpointsConfig>
