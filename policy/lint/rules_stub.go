package lint

var shapeRules, variableRules, actionRules, arnRules, principalRules, trustRules, controlRules, conditionRules, valueRules, addressRules, qualifierRules, tagRules, sourceRules, passRules, redundantRules, sizeRules, ownRules []rule
