"""Training recipe of the bundled demo model: corpus, text, augmentation, two stages, measure."""
