# Writes ../iso13528_rounds.json: Rscript iso13528_rounds.R, in this folder. All data are simulated here.
library(survival)
library(jsonlite)
set.seed(20240613)

# Normal results of which some are only known to lie below or above a limit: maximum likelihood by survreg.
one_censored <- function(n, low, high) {
  x <- round(rnorm(n, 5, 1.5), 3)
  side <- ifelse(x < low, -1, ifelse(x > high, 1, 0))
  x <- pmin(pmax(x, low), high)
  lower <- ifelse(side == -1, NA, x)
  upper <- ifelse(side == 1, NA, x)
  fit <- survreg(Surv(lower, upper, type = "interval2") ~ 1, dist = "gaussian",
                 control = survreg.control(rel.tolerance = 1e-14, maxiter = 200))
  list(values = x, side = side, mean = unname(coef(fit)), s = fit$scale, u_mean = sqrt(vcov(fit)[1, 1]))
}
censored <- list(left = one_censored(25, 4.0, Inf), both = one_censored(40, 3.5, 6.8), most = one_censored(30, 6.0, Inf),
                 none = one_censored(12, -Inf, Inf))

# Laboratories with different numbers of replicates: one-way analysis of variance.
replicates <- c(2, 3, 4, 2, 5, 3, 1, 4)
laboratory <- rep(seq_along(replicates), replicates)
x <- round(10 + rnorm(8, 0, 0.6)[laboratory] + rnorm(length(laboratory), 0, 0.3), 3)
table <- anova(lm(x ~ factor(laboratory)))
n <- length(x); p <- length(replicates)
n_mean <- (n - sum(replicates^2) / n) / (p - 1)
precision <- list(values = x, laboratories = laboratory, n_mean = n_mean, mean = mean(x),
                  s_r = sqrt(table[2, 3]), s_L = sqrt(max(0, (table[1, 3] - table[2, 3]) / n_mean)),
                  f = table[1, 4], p_value = table[1, 5])

# Share of normal samples whose Dixon ratio at either end exceeds a value: simulated, with its standard error.
forms <- list(r10 = c(1, 0), r11 = c(1, 1), r21 = c(2, 1), r22 = c(2, 2))
dixon <- lapply(list(list("r10", 4, 0.7), list("r10", 6, 0.55), list("r11", 9, 0.55), list("r21", 12, 0.6),
                     list("r22", 16, 0.5), list("r22", 25, 0.45)), function(case) {
  j <- forms[[case[[1]]]][1]; i <- forms[[case[[1]]]][2]; n <- case[[2]]; runs <- 200000
  x <- apply(matrix(rnorm(n * runs), n), 2, sort)
  above <- (x[n, ] - x[n - j, ]) / (x[n, ] - x[1 + i, ])
  share <- mean(above > case[[3]])
  list(form = case[[1]], n = n, r = case[[3]], one_sided = share, error = sqrt(share * (1 - share) / runs))
})

# Kernel density and its values at some points.
k <- round(c(rnorm(30, 5, 0.4), rnorm(12, 8, 0.5)), 3)
at <- seq(4, 9, by = 0.5)
kernel <- list(values = k, bandwidth = 0.35, at = at,
               density = sapply(at, function(point) mean(dnorm(point, k, 0.35))))

# Exact lower limits of a share (Clopper-Pearson, one-sided 95 %).
shares <- lapply(list(c(10, 10), c(9, 10), c(0, 5), c(57, 60)), function(case)
  list(k = case[1], n = case[2], least = binom.test(case[1], case[2], alternative = "greater")$conf.int[1]))

write_json(list(R = R.version.string, survival = as.character(packageVersion("survival")), censored = censored,
                precision = precision, dixon = dixon, kernel = kernel, shares = shares),
           "../iso13528_rounds.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
