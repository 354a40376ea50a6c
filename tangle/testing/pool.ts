// Some work at a time.

/** The results of `work` for each item, in order; at most `width` at once. */
export async function inParallel<A, B>(items: readonly A[], width: number,
  work: (item: A) => Promise<B>): Promise<B[]>
{
  const results: B[] = new Array<B>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
