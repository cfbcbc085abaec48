import { after, before, describe } from 'node:test';
import { storeOf } from '../../packages/store/src/open.ts';
import { openMigratedDatabase } from './embedded-template.ts';
import { type Play, Stage } from './stage.ts';

/**
 * Declares a suite of stories on one stage: the embedded database, the HTTP server and the
 * simulators' keys are made once, every story is a merchant of its own.
 */
export function onStage(
  name: string,
  declare: (newPlay: (start?: string) => Promise<Play>, stage: () => Stage) => void,
): void {
  describe(name, () => {
    let stage: Stage | undefined;
    const theStage = () => {
      if (stage === undefined) throw new Error('the stage is set before the first story');
      return stage;
    };
    before(async () => {
      stage = await Stage.open(await storeOf(await openMigratedDatabase()));
    });
    after(async () => {
      await stage?.close();
      await stage?.store.close();
    });
    declare((start) => theStage().newPlay(start), theStage);
  });
}
