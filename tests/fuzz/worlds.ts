// One world after another, told of to whoever started this process (campaign.ts).
import type { Message, Plan } from "./campaign.ts";
import { oneWorld } from "./fuzz.ts";

const plan = JSON.parse(process.argv[2]) as Plan;
const tell = (message: Message): void => void process.send?.(message);
const most = plan.worlds ?? Infinity, enough = plan.instructions ?? Infinity; // JSON has no Infinity

let instructions = 0, failures = 0;
for (let n = 0; n < most && instructions < enough && failures < 5; n++) {
  const seed = plan.seed + n;
  tell({ begins: seed });
  try {
    const outcome = oneWorld(seed, plan.again || seed % 16 === 0, plan.flavor);
    instructions += outcome.instructions;
    tell({ ends: outcome });
  } catch (error) {
    failures++;
    tell({
      fails: seed,
      error: (error as Error).stack!.split("\n").slice(0, 8).join("\n"),
    });
  }
}
process.disconnect?.();
