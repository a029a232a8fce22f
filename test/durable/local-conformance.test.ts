import { engineConformance } from './engine-conformance.ts'
import { localStage } from './local-stage.ts'

engineConformance('the local engine', localStage)
