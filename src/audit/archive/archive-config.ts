// Where finished parts of the trail go for years.
import { DirectoryPath, FilePath, Optional, Section, Type, type Static } from '../../shared/schema.ts'

export const ArchiveConfig = Section({
  keyFile: FilePath({ description: 'The archive\'s key (archive.key of `sallyport keys create`). Only the account that archives has to read it; the gateway never does.' }),
  directory: DirectoryPath({ description: 'Where segments are kept, on another disk or a mounted share. Nothing in it is ever overwritten.' }),
  keepElsewhereDays: Type.Integer({ default: 30, minimum: 0, maximum: 36500, description: 'How many days records stay in the spool and in Redis before `sallyport audit prune` may remove what the archive was seen to hold.' }),
  retentionYears: Type.Integer({ default: 6, minimum: 1, maximum: 100, description: 'How many years the archive keeps records before `sallyport audit prune` may remove them. Six is the floor, unless `shorterRetention` says who decided otherwise.' }),
  shorterRetention: Optional(Section({
    approvedBy: Type.String({ minLength: 1, maxLength: 200, description: 'Role or name of who decided.', examples: ['privacy officer'] }),
    reason: Type.String({ minLength: 1, maxLength: 500, description: 'Why fewer than six years are enough.' }),
  }, { description: 'The decision to keep records for fewer than six years. Each removal has it on record.' })),
  segmentRecords: Type.Integer({ default: 5000, minimum: 100, maximum: 100000, description: 'Records in a segment. Larger ones are smaller in all, and a question about one patient reads more.' }),
}, { description: 'The archive. `sallyport audit archive` fills it, `sallyport audit prune` removes what may go.' })
export type ArchiveConfig = Static<typeof ArchiveConfig>
