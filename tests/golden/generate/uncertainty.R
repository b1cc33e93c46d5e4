# Writes tests/golden/uncertainty.json: Rscript tests/golden/generate/uncertainty.R
# Seeded control results and pairs, and what base R's linear models and tests make of them.
library(jsonlite)

set.seed(20914)
level <- rep(1:2, each = 60)
control_lot <- rep(rep(1:3, each = 20), 2)
reagent_lot <- rep(rep(1:6, each = 10), 2)
shift <- c(0, 0.4, -0.2)[control_lot] + c(0, 0.1, -0.1, 0.05, 0, 0.1)[reagent_lot]
values <- round(c(5, 15)[level] + shift + rnorm(120, 0, c(0.1, 0.25)[level]), 2)
values[c(7, 33, 90)] <- NA

residual_sd <- function(l, formula) {
  fit <- lm(formula, data.frame(v = values, c = factor(control_lot), r = factor(reagent_lot))[level == l, ])
  c(sigma(fit), df.residual(fit))
}
x <- round(runif(30, 3, 12), 1)
y <- round(x * 1.03 + rnorm(30, 0, 0.2), 1)
paired <- t.test(y - x)
relative <- t.test(200 * (y - x) / (x + y))

# Two results of one subject, each log-normal with the CVs of its system and of the subject: 10^6 pairs would give the
# quantiles of their ratio to three figures, the exact ones are those of a log-normal ratio.
sdlog <- function(cv) sqrt(log(1 + cv^2))
spread <- sqrt(sdlog(sqrt(0.05^2 + 0.2^2))^2 + sdlog(sqrt(0.08^2 + 0.2^2))^2)

out <- list(
  made_with = R.version.string,
  values = values, level = level, control_lot = control_lot, reagent_lot = reagent_lot,
  by_control = lapply(1:2, residual_sd, v ~ c), by_reagent = lapply(1:2, residual_sd, v ~ c:r),
  d2 = sapply(2:6, function(m) integrate(function(w) ptukey(w, m, Inf, lower.tail = FALSE), 0, Inf, rel.tol = 1e-10)$value),
  x = x, y = y,
  paired = c(unname(paired$estimate), paired$stderr, as.vector(paired$conf.int)),
  paired_percent = c(unname(relative$estimate), relative$stderr, as.vector(relative$conf.int)),
  lognormal = 100 * (qlnorm(c(pnorm(1.96), pnorm(-1.96)), 0, spread) - 1)
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "tests/golden/uncertainty.json")
