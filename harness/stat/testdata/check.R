# What R says of 20 data sets, written as lines "key number ..." that hold both
# the data and the answers, in full. The Go test reads them from from-r.txt;
# scripts/check-with-r writes that file anew and runs the test against R itself.
# Needs r-base-core and r-cran-boot.
suppressPackageStartupMessages(library(boot))

put <- function(key, ...) cat(key, trimws(formatC(c(...), digits = 17, format = "g")),"\n")

draw <- list(rnorm, rexp, function(n) rt(n, 2), function(n) rlnorm(n, 0, 0.5), function(n) c(-1, 1)[1 + rbinom(n, 1, 0.3)] + rnorm(n, 0, 0.2))

# The pseudo-median of values at indices, by listing all Walsh averages.
pseudomedian <- function(x, i) {
  v <- x[i]
  w <- outer(v, v, "+") / 2
  median(w[!lower.tri(w)])
}

for (set in 1:20) {
  set.seed(set)
  put("set", set)
  one <- draw[[1 + set %% 5]]

  # One value a block, then two independent samples: exact, tie-free, under 50.
  x <- 0.3 + one(6 + (set * 7) %% 43)
  level <- c(0.95, 0.9, 0.975)[1 + set %% 3]
  if (length(x) < 8) level <- 0.95
  w <- wilcox.test(x, conf.int = TRUE, conf.level = level, exact = TRUE)
  put("x", x)
  put("signed-rank", level, w$estimate, w$conf.int, w$p.value)
  a <- 0.5 + one(5 + (set * 5) %% 40)
  b <- one(5 + (set * 11) %% 40)
  w <- wilcox.test(a, b, conf.int = TRUE, conf.level = 0.95, exact = TRUE)
  put("a", a)
  put("b", b)
  put("rank-sum", 0.95, w$estimate, w$conf.int, w$p.value)

  # Corrections; Holm also with more sub-claims than have a p.
  p <- runif(3 + set %% 9)^3
  put("p", p)
  put("holm", p.adjust(p, "holm"))
  put("holm-of", length(p) + 2, p.adjust(p, "holm", n = length(p) + 2))
  put("bh", p.adjust(p, "BH"))

  # BCa on boot's own indices. The influence values are the jackknife's about its
  # mean, as Efron has them; boot's are about the estimate.
  s <- one(15 + set %% 8)
  k <- boot(s, pseudomedian, R = 199)
  left <- sapply(seq_along(s), function(j) pseudomedian(s, seq_along(s)[-j]))
  ci <- boot.ci(k, conf = 0.95, type = "bca", L = mean(left) - left)
  put("s", s)
  put("indices", t(boot.array(k, indices = TRUE)))
  put("bca", ci$bca[4:5])

  # Two factors and blocks on the log scale: sums of squares and degrees of
  # freedom of a, b, blocks, a x b, noise. Rows vary block, a, b, the last fastest.
  n <- c(3 + set %% 4, 2 + set %% 3, 2 + set %% 2)
  g <- expand.grid(b = factor(1:n[3]), a = factor(1:n[2]), block = factor(1:n[1]))
  g$y <- 5 + rnorm(nrow(g)) + 0.5 * (as.integer(g$a) - 1) * as.integer(g$b)
  t <- anova(lm(y ~ a * b + block, data = g))
  t <- t[c("a", "b", "block", "a:b", "Residuals"), ]
  put("matrix", n)
  put("logs", g$y)
  put("squares", t[["Sum Sq"]])
  put("degrees", t[["Df"]])
  rm(t)
}
