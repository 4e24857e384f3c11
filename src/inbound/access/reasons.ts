// Why a person who is signed in may not do something.
import { defineReasons } from '../../shared/errors.ts'

export const accessReasons = defineReasons({
  'access.roleMissing': {
    status: 403,
    publicText: 'You are signed in, but you have no role here. Ask your administrator to give you one.',
    operatorText: 'No entry of access.roles names the person\'s id or one of the groups that the identity provider sent. Groups are compared letter by letter.',
    citation: '45 CFR 164.308(a)(4)(ii)(B)',
  },
  'access.notAllowed': {
    status: 403,
    publicText: 'Your role does not allow this. Ask your administrator if you need it.',
    operatorText: 'A deny of one of the person\'s roles matches, or no allow does. The rule is in the trail.',
    citation: '45 CFR 164.312(a)(1)',
  },
})
