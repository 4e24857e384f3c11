// Whether what somebody sent just after their session ended is kept for them.
import { RoutePattern, Section, Size, Type, type Static } from '../../shared/schema.ts'

export const UnsentConfig = Section({
  enabled: Type.Boolean({ default: true, description: 'Off: nothing is kept, and what is sent after the end is refused and lost.' }),
  maxSize: Size({ default: '512KiB', description: 'A larger content is not kept.' }),
  except: Type.Array(RoutePattern(), { default: [], description: 'Routes whose content is never kept.' }),
}, { default: {}, description: 'What a person sends within ten minutes after their session ended is kept, sealed, and offered to the same person after the next sign-in.' })
export type UnsentConfig = Static<typeof UnsentConfig>
