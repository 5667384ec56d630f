"""Training recipe of radie's bundled demo model: corpus, text, augmentation, two stages, measure."""
