// A whole gateway with an outbound door and a receiver.
import type { Test } from 'tap'
import { startJourney, type Journey } from './journey.ts'
import { createOutboundPlace, type OutboundPlace, type PlaceOptions } from './outbound-place.ts'

export async function startOutbound (t: Test, options: PlaceOptions = {}): Promise<{ journey: Journey, place: OutboundPlace, port: number }> {
  const place = await createOutboundPlace(t, options)
  const journey = await startJourney(t, { configure: place.configure })
  return { journey, place, port: journey.outboundPort as number }
}
