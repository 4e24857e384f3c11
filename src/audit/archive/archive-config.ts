// Where finished parts of the trail go for years.
import { DirectoryPath, FilePath, Section, Type, type Static } from '../../shared/schema.ts'

export const ArchiveConfig = Section({
  keyFile: FilePath({ description: 'The archive\'s key (archive.key of `sallyport keys create`). Only the account that archives has to read it; the gateway never does.' }),
  directory: DirectoryPath({ description: 'Where segments are kept, on another disk or a mounted share. Nothing in it is ever overwritten.' }),
  segmentRecords: Type.Integer({ default: 5000, minimum: 100, maximum: 100000, description: 'Records in a segment. Larger ones are smaller in all, and a question about one patient reads more.' }),
}, { description: 'The archive. `sallyport audit archive` fills it.' })
export type ArchiveConfig = Static<typeof ArchiveConfig>
