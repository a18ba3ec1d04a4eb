//! Random numbers of the simulated traffic.

pub struct Random(fastrand::Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub fn share(&mut self) -> f64 {
        self.0.f64()
    }

    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// A count with that mean; exact (inversion for small means, Hörmann's PTRS for others).
    pub fn poisson(&mut self, mean: f64) -> f64 {
        if mean <= 0.0 {
            return 0.0;
        }
        if mean < 10.0 {
            let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0.0);
            while product > limit {
                count += 1.0;
                product *= self.share();
            }
            return count;
        }
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.024_83 * b;
        let ln_inverse = (1.1239 + 1.1328 / (b - 3.4)).ln();
        let quick = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let (u, v) = (self.share() - 0.5, self.share());
            let us = 0.5 - u.abs();
            let count = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if us >= 0.07 && v <= quick {
                return count;
            }
            if count < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            let left = v.ln() + ln_inverse - (a / (us * us) + b).ln();
            if left <= count * mean.ln() - mean - ln_factorial(count) {
                return count;
            }
        }
    }

    /// 1, 2, … with that mean, each failure as likely to be followed by one more.
    pub fn geometric(&mut self, mean: f64) -> f64 {
        1.0 + ((1.0 - self.share()).ln() / (-1.0 / mean).ln_1p()).floor()
    }
}

fn ln_factorial(count: f64) -> f64 {
    if count < 10.0 {
        return (2..=count as u32).map(|factor| f64::from(factor).ln()).sum();
    }
    let x = count + 1.0;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + 1.0 / (12.0 * x)
        - 1.0 / (360.0 * x.powi(3))
        + 1.0 / (1260.0 * x.powi(5))
}
