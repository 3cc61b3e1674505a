"""What sixty years of titles tell: one chart a question, its finding as the heading."""

from catalog.trends.charts import TRENDS, Trend, drawn, overview

__all__ = ["TRENDS", "Trend", "drawn", "overview"]
