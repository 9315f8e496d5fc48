include "included/base.inc"
rule after { condition: base and not very }
