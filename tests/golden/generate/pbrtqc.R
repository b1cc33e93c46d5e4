# Writes tests/golden/pbrtqc.json: Rscript tests/golden/generate/pbrtqc.R
# Seeded patients' results, and what R's own filters, running median and likelihood make of them.
library(jsonlite)
library(MASS)

set.seed(1965)
values <- round(rlnorm(400, log(80), 0.25), 1)
held <- pmin(pmax(values, 60), 120)
rolling <- function(x, w, f) c(rep(NA, w - 1), sapply(w:length(x), function(i) f(x[(i - w + 1):i])))
weight <- 0.05
ewma <- function(x, start) as.vector(stats::filter(weight * x, 1 - weight, method = "recursive", init = start))

# runmed centres its window; moved to the window's end it is the median of the last 21.
k <- 21
centred <- runmed(values, k, endrule = "keep")
moved <- c(rep(NA, k - 1), centred[((k + 1) / 2):(length(values) - (k - 1) / 2)])

profile <- function(power) boxcox(values ~ 1, lambda = c(power, power + 1), plotit = FALSE, interp = FALSE)$y[1]

out <- list(
  made_with = R.version.string, mass = as.character(packageVersion("MASS")),
  values = values, weight = weight,
  mean_50 = as.vector(stats::filter(values, rep(1 / 50, 50), sides = 1)),
  mean_50_held = as.vector(stats::filter(held, rep(1 / 50, 50), sides = 1)),
  ewma_80 = ewma(values, 80),
  median_21 = moved,
  median_20 = rolling(values, 20, median),
  sd_20 = rolling(values, 20, sd),
  share_20 = rolling(values < 60 | values > 120, 20, mean),
  log_mean_20 = rolling(log(values), 20, mean),
  box_cox_mean_20 = rolling((values^0.3 - 1) / 0.3, 20, mean),
  box_cox_power = optimize(profile, c(-2, 2), maximum = TRUE, tol = 1e-10)$maximum
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "tests/golden/pbrtqc.json")
