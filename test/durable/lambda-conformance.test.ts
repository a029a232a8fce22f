import { engineConformance } from './engine-conformance.ts'
import { lambdaStage } from './lambda-stage.ts'

engineConformance('the engine on Lambda', lambdaStage)
