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
    operatorText: 'A deny of one of the person\'s roles matches, a rule of access.rules denies it, or nothing allows it. The rule is in the trail; `sallyport explain` shows the way to it.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'access.conditions': {
    status: 403,
    publicText: 'Your role allows this only from certain places, at certain times or shortly after signing in. Sign in again, or ask your administrator.',
    operatorText: 'An allow of access.rules is about the person and the record, but one of its conditions (from, hours, days, maxSignInAge, signIn) does not hold. `sallyport explain` names it.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'access.unclassified': {
    status: 403,
    publicText: 'This page is not open to anybody yet. Tell your administrator if you need it.',
    operatorText: 'No entry of access.records matches, and access.unclassified is refuse. `sallyport coverage` lists such routes.',
    citation: '45 CFR 164.312(a)(1)',
  },
  'access.twoReadings': {
    status: 400,
    publicText: 'The request can be read in more than one way. Reload the page and try again; if it stays, tell your administrator the request number.',
    operatorText: 'A field that an entry of access.records depends on is there twice, is spelled in another way (letter case, brackets, semicolon), is a list, differs between query and body, stands in a cookie too or where some servers read none, or has a value that another entry would have if letters counted as they are written.',
    citation: 'RFC 9110 section 9.2.1',
  },
  'access.contentNeeded': {
    status: 400,
    publicText: 'The request lacks what it is about. Reload the page and try again.',
    operatorText: 'An entry of access.records reads the body, and there is none: a WebSocket, or an exchange that is judged again after a change of the configuration.',
  },
  'access.contentUnreadable': {
    status: 415,
    publicText: 'What was sent cannot be read in one way. Reload the page and try again; if it stays, tell your administrator the request number.',
    operatorText: 'An entry of access.records reads the body of this route, and it is neither JSON nor a form in UTF-8, is compressed, has a member twice, or is multipart in another spelling than browsers write.',
    citation: 'RFC 8259 section 4',
  },
})
