# Writes tests/golden/agreement.json: Rscript tests/golden/generate/agreement.R
# Seeded data, rounded as results are reported, and what base R, MASS and boot make of them. Where base R has no function
# the formula is written out here in another form than the library's.
library(jsonlite)
library(MASS)
library(boot)

set.seed(20240607)
n <- 60
truth <- exp(runif(n, log(2), log(25)))
x <- round(truth * (1 + rnorm(n, 0, 0.03)), 2)
y <- round((0.12 + 1.03 * truth) * (1 + rnorm(n, 0, 0.04)), 2)
coarse_x <- round(truth[1:40], 0)
coarse_y <- round(truth[1:40] * 1.1 + rnorm(40, 0, 1), 0)
levels <- c(3.9, 7, 11.1)

line_of <- function(fit) {
  at <- predict(fit, data.frame(x = levels), se.fit = TRUE)
  list(estimate = unname(coef(fit)), se = unname(sqrt(diag(vcov(fit)))), interval = unname(confint(fit)),
       covariance = unname(vcov(fit)), bias = unname(at$fit) - levels, u_bias = unname(at$se.fit))
}

# Total least squares: the first principal axis, once y is scaled to the error of x.
axis_line <- function(x, y, ratio, w = rep(1, length(x))) {
  moments <- cov.wt(cbind(x, y / sqrt(ratio)), wt = w / sum(w), method = "ML")
  first <- eigen(moments$cov, symmetric = TRUE)$vectors[, 1]
  b <- first[2] / first[1] * sqrt(ratio)
  centre <- moments$center * c(1, sqrt(ratio))
  c(unname(centre[2] - b * centre[1]), b)
}

# Linnet's notation: his lambda is the error variance of x by that of y.
weighted_line <- function(x, y, ratio) {
  lambda <- 1 / ratio
  line <- axis_line(x, y, ratio)
  repeat {
    d <- y - line[1] - line[2] * x
    x_hat <- x + lambda * line[2] * d / (1 + lambda * line[2]^2)
    y_hat <- y - d / (1 + lambda * line[2]^2)
    w <- 1 / ((x_hat + lambda * y_hat) / (1 + lambda))^2
    new <- axis_line(x, y, ratio, w)
    if (abs(new[2] - line[2]) < 1e-14) return(new)
    line <- new
  }
}

jackknifed <- function(fit, x, y, ratio) {
  m <- length(x)
  all <- fit(x, y, ratio)
  pseudo <- t(sapply(seq_len(m), function(i) m * all - (m - 1) * fit(x[-i], y[-i], ratio)))
  v <- cov(pseudo) / m
  t <- qt(0.975, m - 2)
  bias <- all[1] + (all[2] - 1) * levels
  of_level <- sapply(levels, function(l) sd(pseudo[, 1] + (pseudo[, 2] - 1) * l) / sqrt(m))
  list(estimate = all, se = sqrt(diag(v)), interval = cbind(all - t * sqrt(diag(v)), all + t * sqrt(diag(v))),
       bias = bias, u_bias = of_level)
}

# By the text of 1983, on whole hundredths so that equal slopes are equal.
passing_bablok <- function(x, y, level = 0.95) {
  xi <- round(100 * x); yi <- round(100 * y); m <- length(x)
  s <- c()
  for (i in 1:(m - 1)) for (j in (i + 1):m) {
    dx <- xi[i] - xi[j]; dy <- yi[i] - yi[j]
    if (dx == 0 && dy == 0) next
    if (dx != 0 && dy == -dx) next
    s <- c(s, if (dx == 0) sign(dy) * Inf else dy / dx)
  }
  s <- sort(s); N <- length(s); K <- sum(s < -1)
  b <- if (N %% 2) s[(N + 1) / 2 + K] else (s[N / 2 + K] + s[N / 2 + 1 + K]) / 2
  a <- median(y - b * x)
  C <- qnorm((1 + level) / 2) * sqrt(m * (m - 1) * (2 * m + 5) / 18)
  M1 <- round((N - C) / 2); M2 <- N - M1 + 1
  bl <- s[M1 + K]; bu <- s[M2 + K]
  r <- y - a - b * x
  l <- sum(r > 0); L <- sum(r < 0)
  score <- ifelse(r > 0, sqrt(L / l), ifelse(r < 0, -sqrt(l / L), 0))
  place <- (y + x / b - a) / sqrt(1 + 1 / b^2)
  largest <- max(abs(cumsum(score[order(place)])))
  H <- largest / sqrt(L + 1)
  k <- 1:200
  list(slope = b, intercept = a, slope_interval = c(bl, bu), N = N, K = K,
       intercept_interval = c(median(y - bu * x), median(y - bl * x)),
       above = l, below = L, largest = largest, H = H, p = 2 * sum((-1)^(k - 1) * exp(-2 * k^2 * H^2)))
}

bland_altman <- function(d, m) {
  k <- length(d); z <- qnorm(0.975)
  c_exact <- qt(c(0.025, 0.975), k - 1, ncp = z * sqrt(k)) / sqrt(k)
  reach <- qt(0.975, k - 1) * sqrt(1 / k + z^2 / (2 * (k - 1)))
  trend <- summary(lm(d ~ m))$coefficients
  list(mean = mean(d), interval = as.vector(t.test(d)$conf.int), sd = sd(d), limits = mean(d) + c(-z, z) * sd(d),
       exact = mean(d) + c_exact * sd(d), approximate = mean(d) + (z + c(-1, 1) * reach) * sd(d),
       trend = trend[2, 1], trend_p = trend[2, 4])
}

# Normal theory delta method, gradient by differences: another way to the variance than Lin's printed one.
concordance <- function(x, y) {
  m <- length(x)
  f <- function(v) 2 * v[5] / (v[3] + v[4] + (v[1] - v[2])^2)
  S <- cov(cbind(x, y)) * (m - 1) / m
  v <- c(mean(x), mean(y), S[1, 1], S[2, 2], S[1, 2])
  g <- sapply(1:5, function(i) { h <- 1e-5 * max(1, abs(v[i])); e <- replace(numeric(5), i, h)
                                 (f(v + e) - f(v - e)) / (2 * h) })
  V <- matrix(0, 5, 5)
  V[1:2, 1:2] <- S
  V[3, 3] <- 2 * S[1, 1]^2; V[4, 4] <- 2 * S[2, 2]^2; V[5, 5] <- S[1, 1] * S[2, 2] + S[1, 2]^2
  V[3, 4] <- V[4, 3] <- 2 * S[1, 2]^2
  V[3, 5] <- V[5, 3] <- 2 * S[1, 1] * S[1, 2]
  V[4, 5] <- V[5, 4] <- 2 * S[2, 2] * S[1, 2]
  rho <- f(v)
  se <- sqrt(as.vector(t(g) %*% V %*% g) / (m - 2)) / (1 - rho^2)
  list(rho = rho, interval = tanh(atanh(rho) + c(-1, 1) * qnorm(0.975) * se), r = cor(x, y))
}

esd <- function(v, k, alpha = 0.05) {
  id <- seq_along(v); m <- length(v); R <- lambda <- at <- c()
  for (i in 1:k) {
    w <- v[id]; z <- abs(w - mean(w)) / sd(w)
    R[i] <- max(z); at[i] <- id[which.max(z)]; id <- id[-which.max(z)]
    p <- 1 - alpha / (2 * (m - i + 1)); t <- qt(p, m - i - 1)
    lambda[i] <- (m - i) * t / sqrt((m - i - 1 + t^2) * (m - i + 1))
  }
  list(R = R, lambda = lambda, at = at - 1)
}

# Multinomial delta method, gradient by differences.
kappa_of <- function(t, w) {
  m <- sum(t); p <- as.vector(t / m); k <- nrow(t)
  f <- function(p) { P <- matrix(p, k); po <- sum(w * P); pe <- sum(w * outer(rowSums(P), colSums(P))); (po - pe) / (1 - pe) }
  g <- sapply(seq_along(p), function(i) { e <- replace(numeric(length(p)), i, 1e-6); (f(p + e) - f(p - e)) / 2e-6 })
  V <- diag(p) - outer(p, p)
  q <- as.vector(outer(rowSums(t), colSums(t)) / m^2)
  f0 <- sapply(seq_along(q), function(i) { e <- replace(numeric(length(q)), i, 1e-6); (f(q + e) - f(q - e)) / 2e-6 })
  V0 <- diag(q) - outer(q, q)
  se0 <- sqrt(as.vector(t(f0) %*% V0 %*% f0) / m)
  list(kappa = f(p), se = sqrt(as.vector(t(g) %*% V %*% g) / m), p = 2 * pnorm(-abs(f(p)) / se0))
}
grid3 <- abs(outer(0:3, 0:3, "-")) / 3
graded <- matrix(c(30, 4, 1, 0, 5, 18, 6, 1, 0, 3, 14, 4, 0, 1, 2, 21), 4, byrow = TRUE)
two <- matrix(c(48, 3, 7, 92), 2, byrow = TRUE)

reference <- round(exp(rnorm(131, log(40), 0.35)), 1)
few <- round(rnorm(47, 140, 2.6), 1)

ranks <- function(m, p = 0.025, conf = 0.9) {
  a <- (1 - conf) / 2
  c(sum(pbinom(0:(m - 1), m, p) <= a), qbinom(1 - a, m, p) + 1)
}

horn <- function(v, indices = seq_along(v)) {
  v <- v[indices]; m <- length(v); med <- median(v); MAD <- median(abs(v - med)) / 0.6745
  Tb <- med
  repeat {
    u <- (v - Tb) / (3.7 * MAD); w <- ifelse(abs(u) < 1, (1 - u^2)^2, 0)
    new <- sum(w * v) / sum(w)
    if (abs(new - Tb) < 1e-13 * MAD) break
    Tb <- new
  }
  part <- function(u) { u <- u[abs(u) < 1]; D <- sum((1 - u^2) * (1 - 5 * u^2)); sum(u^2 * (1 - u^2)^4) / (D * max(1, D - 1)) }
  s <- function(c) c * MAD * sqrt(m * part((v - med) / (c * MAD)))
  sT <- 3.7 * s(3.7) * sqrt(part((v - Tb) / (3.7 * s(3.7))))
  Tb + c(-1, 1) * qt(0.975, m - 1) * sqrt(s(205.6)^2 + sT^2)
}
booted <- boot(few, function(v, i) horn(v, i), R = 4000)

profile <- function(v, l) {
  m <- length(v); z <- if (abs(l) < 1e-9) log(v) else (v^l - 1) / l
  -m / 2 * log(mean((z - mean(z))^2)) + (l - 1) * sum(log(v))
}
box_cox <- function(v) {
  best <- optimize(function(l) profile(v, l), c(-3, 3), maximum = TRUE, tol = 1e-12)
  drop <- best$objective - qchisq(0.95, 1) / 2
  end <- function(to) uniroot(function(l) profile(v, l) - drop, sort(c(best$maximum, to)), tol = 1e-12)$root
  # MASS's own profile, by the grid it is given, to hold the above to.
  grid <- boxcox(v ~ 1, lambda = seq(-3, 3, 0.001), plotit = FALSE)
  stopifnot(abs(grid$x[which.max(grid$y)] - best$maximum) <= 0.001,
            abs(range(grid$x[grid$y >= max(grid$y) - qchisq(0.95, 1) / 2]) - c(end(-3), end(3))) <= 0.002)
  list(exponent = best$maximum, interval = c(end(-3), end(3)))
}
logs <- log(reference); zc <- qnorm(0.975)
log_c <- qt(c(0.05, 0.95), length(logs) - 1, ncp = zc * sqrt(length(logs))) / sqrt(length(logs))
men <- round(rnorm(70, 15, 1), 1); women <- round(rnorm(64, 13.9, 1.1), 1)

out <- list(
  made_with = list(R = R.version.string, MASS = as.character(packageVersion("MASS")), boot = as.character(packageVersion("boot"))),
  x = x, y = y, coarse_x = coarse_x, coarse_y = coarse_y, levels = levels,
  least_squares = line_of(lm(y ~ x)), weighted_least_squares = line_of(lm(y ~ x, weights = 1 / x^2)),
  deming_1 = jackknifed(axis_line, x, y, 1), deming_1.5 = jackknifed(axis_line, x, y, 1.5),
  weighted_deming_1 = jackknifed(weighted_line, x, y, 1), weighted_deming_1.5 = jackknifed(weighted_line, x, y, 1.5),
  passing_bablok = passing_bablok(x, y), passing_bablok_coarse = passing_bablok(coarse_x, coarse_y),
  difference = bland_altman(y - x, (x + y) / 2), percent = bland_altman(200 * (y - x) / (x + y), (x + y) / 2),
  ratio = bland_altman(log(y / x), (x + y) / 2),
  concordance = concordance(x, y), esd = esd(y - x, 4),
  graded = graded, kappa_none = kappa_of(graded, diag(4)), kappa_linear = kappa_of(graded, 1 - grid3),
  kappa_quadratic = kappa_of(graded, 1 - grid3^2),
  two = two,
  wilson = list(positive = as.vector(prop.test(48, 55, correct = FALSE)$conf.int), negative = as.vector(prop.test(92, 95, correct = FALSE)$conf.int),
                overall = as.vector(prop.test(140, 150, correct = FALSE)$conf.int)),
  mcnemar = list(corrected = unname(mcnemar.test(two)$statistic), p = mcnemar.test(two)$p.value,
                 plain = unname(mcnemar.test(two, correct = FALSE)$statistic), plain_p = mcnemar.test(two, correct = FALSE)$p.value,
                 exact = binom.test(3, 10)$p.value),
  reference = reference, few = few,
  quantiles = unname(quantile(reference, c(0.025, 0.975), type = 6)), ranks = lapply(c(119, 120, 131, 150, 200, 240, 400, 1000), function(m) c(m, ranks(m))),
  horn = horn(few), horn_boot = lapply(1:2, function(i) unname(quantile(booted$t[, i], c(0.05, 0.95), type = 6))),
  box_cox = box_cox(reference),
  log_interval = list(limits = exp(mean(logs) + c(-zc, zc) * sd(logs)), upper = exp(mean(logs) + log_c * sd(logs)), lower = exp(mean(logs) - rev(log_c) * sd(logs))),
  tukey = unname(quantile(few, c(0.25, 0.75)) + c(-1.5, 1.5) * IQR(few)),
  men = men, women = women, harris_boyd = abs(unname(t.test(men, women)$statistic))
)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = FALSE), "tests/golden/agreement.json")
