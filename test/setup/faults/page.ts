import type { Fault } from './fault';

export const PAGE: readonly Fault[] = [
  {
    fault: 'a tab in the background, frozen by the browser',
    happens: 'The run goes on once the tab is shown again, and nothing is lost.',
    tests: [
      [
        'e2e/keep.test.ts',
        'a tab that is frozen in the background shows the run as it went on meanwhile, and keeps it',
      ],
    ],
  },
  {
    fault: 'two tabs',
    happens:
      'One holds the lock and keeps its run; the other says so, and keeps its own once it is alone.',
    tests: [
      ['e2e/keep.test.ts', 'a second tab keeps nothing, and says so'],
      ['e2e/keep.test.ts', 'a tab takes over what the one before it kept, and loses neither run'],
    ],
  },
  {
    fault: 'storage full',
    happens: 'Training goes on, and the page says that nothing is kept.',
    tests: [['e2e/keep.test.ts', 'training goes on where the storage is full']],
  },
  {
    fault: 'closed in the middle of a run',
    happens: 'The run is there as of the last snapshot, some seconds ago at most.',
    tests: [
      [
        'e2e/keep.test.ts',
        'a page that is closed in the middle of a run loses no more than the last steps',
      ],
    ],
  },
];
