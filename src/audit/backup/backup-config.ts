// Where backups go, and the key that they are sealed with.
import { S3Config } from '../../shared/s3-config.ts'
import { DirectoryPath, FilePath, Optional, Section, type Static } from '../../shared/schema.ts'

export const BackupConfig = Section({
  keyFile: FilePath({ description: 'The key of backups (backup.key of `sallyport keys create`). Keep a copy off this machine: without it no backup can be opened. It is never part of one.' }),
  directory: Optional(DirectoryPath({ description: 'Where backups lie: another disk, better another building. Either this or s3.' })),
  s3: Optional(S3Config),
}, { description: 'Backups. `sallyport backup` makes them, `sallyport restore-drill` tries one.' })
export type BackupConfig = Static<typeof BackupConfig>
