"""What a changed rule of ownership would move, in money, before anything is built."""

from orchestration.preview.previewing import NothingToCompare, Preview, preview

__all__ = ["NothingToCompare", "Preview", "preview"]
