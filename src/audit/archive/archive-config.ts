// Where finished parts of the trail go for years.
import { S3Config } from '../../shared/s3-config.ts'
import { DirectoryPath, FilePath, Optional, Section, Type, type Static } from '../../shared/schema.ts'

export const ArchiveConfig = Section({
  keyFile: FilePath({ description: 'The archive\'s key (archive.key of `sallyport keys create`). Only the account that archives has to read it; the gateway never does.' }),
  directory: Optional(DirectoryPath({ description: 'Where segments are kept, on another disk or a mounted share. Nothing in it is ever overwritten. Either this or s3.' })),
  s3: Optional(S3Config),
  lock: Type.Union([Type.Literal('none'), Type.Literal('governance'), Type.Literal('compliance')], {
    default: 'none', description: 'How an object store locks what is archived, for `retentionYears` from that day on. The bucket must have been made with object lock.',
  }),
  keepElsewhereDays: Type.Integer({ default: 30, minimum: 0, maximum: 36500, description: 'How many days records stay in the spool and in Redis before `sallyport audit prune` may remove what the archive was seen to hold.' }),
  retentionYears: Type.Integer({ default: 6, minimum: 1, maximum: 100, description: 'How many years the archive keeps records before `sallyport audit prune` may remove them. Six is the floor, unless `shorterRetention` says who decided otherwise.' }),
  shorterRetention: Optional(Section({
    approvedBy: Type.String({ minLength: 1, description: 'Role or name of who decided.', examples: ['privacy officer'] }),
    reason: Type.String({ minLength: 1, description: 'Why fewer than six years are enough.' }),
  }, { description: 'The decision to keep records for fewer than six years. Each removal has it on record.' })),
  segmentRecords: Type.Integer({ default: 5000, minimum: 100, maximum: 100000, description: 'Records in a segment. Larger ones are smaller in all, and a question about one patient reads more.' }),
}, { description: 'The archive. `sallyport audit archive` fills it, `sallyport audit prune` removes what may go.' })
export type ArchiveConfig = Static<typeof ArchiveConfig>
