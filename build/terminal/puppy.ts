/** For those who finish. */

const sit = String.raw`
          __
       __/ o\__
      |\|     _@
      ' |  __/
       /   |
  \   /    |
   \_(  |  |
     (__|__|_)
`;

const stand = String.raw`
                __
             __/ o\__
  \         |\|     _@
   \________'_|  __/
   (            |
   |  |-----|  ||
   |__|_)   |__||_)
`;

const goodPuppy = String.raw`
                __
   |         __/ ^\__     good
   |        |\|     _@       puppy!
   \________'_|  __/
   (            | U
   |  |-----|  ||
   |__|_)   |__||_)
`;

/** The puppy sits, stands, and is good. */
export const frames: readonly string[] = [sit, stand, goodPuppy].map((frame) =>
  frame.slice(1)
);
