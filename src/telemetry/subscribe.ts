import type { Channel } from 'node:diagnostics_channel';

/** Ends a subscription. */
export type Subscription = () => void;

/** Subscribes to a channel. */
export function subscribe(channel: Channel, listener: (message: unknown) => void): Subscription {
  channel.subscribe(listener);
  return () => void channel.unsubscribe(listener);
}
