import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

import { messageOf } from '../../src/io/reason';
import { Notice } from '../shared/notice';

/** A part of the page that is loaded when it is first shown. */
export function lazily(load: () => Promise<ComponentType>): ComponentType {
  const loaded = signal<ComponentType | null>(null);
  const failed = signal<string | null>(null);
  const fetchIt = async () => {
    failed.value = null;
    try {
      const component = await load();
      loaded.value = component;
    } catch (error) {
      failed.value = messageOf(error);
    }
  };
  return () => {
    useEffect(() => {
      if (!loaded.peek()) void fetchIt();
    }, []);
    const Loaded = loaded.value;
    if (Loaded) return <Loaded />;
    if (failed.value === null) return null;
    return (
      <Notice tone="alert">
        A part of this page could not be loaded: {failed.value}
        <button type="button" onClick={() => void fetchIt()}>
          Try again
        </button>
      </Notice>
    );
  };
}
