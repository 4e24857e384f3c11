// Who may do what.
import { RoutePattern, Section, Type, type Static } from '../../shared/schema.ts'

export const AccessConfig = Section({
  roles: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }), Section({
    groups: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Groups at the IdP whose members have the role.' }),
    people: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Ids of people who have the role.' }),
    allow: Type.Array(RoutePattern(), { minItems: 1, description: 'Routes that the role may use. `* /**` is everything.' }),
    deny: Type.Array(RoutePattern(), { default: [], description: 'Routes that the role may not use, even when another role allows them.' }),
  }, { description: 'One role.' }), { minProperties: 1, description: 'Roles by name. A person without a role is refused.' }),
  methods: Type.Array(Type.String({ pattern: '^(?!(?:TRACE|CONNECT)$)[A-Z]{3,20}$' }), {
    default: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    description: 'HTTP methods that pass; others are answered 405. Add PROPFIND, REPORT and the like for a CRM with CalDAV. TRACE and CONNECT never pass.',
  }),
}, { description: 'Who may do what. What no role allows is refused.' })
export type AccessConfig = Static<typeof AccessConfig>
