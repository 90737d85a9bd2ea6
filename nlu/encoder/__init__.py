"""A small pretrained encoder, fine-tuned on the written lines: `build` makes its files, `pieces` cuts words for it.

The classifier reads the files through `nlu.components.encoder`; where they are missing it answers alone.
"""
