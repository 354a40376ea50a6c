// The messages of errors.
import * as assert from "uvu/assert";

/** The message of what `action` throws. */
export function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.instance(error, Error);
    return (error as Error).message;
  }
  return "nothing was thrown";
}
