//! How long regorus takes for one evaluation: prepared once, evaluated many times, its result built each time.
//!
//!     regorus_ops SECONDS v0|v1 ENTRYPOINT INPUT.json DATA.json POLICY.rego…
//!
//! Prints a line of JSON: nanoseconds of CPU time an evaluation, by its interpreter and by its virtual machine (null
//! where that does not give the same result), and the result itself.
use std::error::Error;
use std::hint::black_box;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Rc, Value};

/// Nanoseconds of CPU time that this thread has taken.
fn now() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Nanoseconds a run, of runs that take about `seconds` together.
fn time(seconds: f64, mut run: impl FnMut()) -> f64 {
    let mut count = 1u32;
    loop {
        let begin = now();
        (0..count).for_each(|_| run());
        let took = now() - begin;
        if took >= seconds * 5e8 {
            return took / f64::from(count);
        }
        count *= 2;
    }
}

fn machine(engine: &mut Engine, entrypoint: &str, data: &Value) -> Result<RegoVM, Box<dyn Error>> {
    let rule: Rc<str> = entrypoint.into();
    let policy = engine.compile_with_entrypoint(&rule)?;
    let mut machine = RegoVM::new();
    machine.load_program(Compiler::compile_from_policy(&policy, &[entrypoint])?);
    machine.set_max_instructions(usize::MAX);
    machine.set_data(data.clone())?;
    Ok(machine)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() < 7 {
        return Err("usage: regorus_ops SECONDS v0|v1 ENTRYPOINT INPUT DATA POLICY...".into());
    }
    let seconds: f64 = arguments[1].parse()?;
    let entrypoint = &arguments[3];
    let input = Value::from_json_file(&arguments[4])?;
    let data = Value::from_json_file(&arguments[5])?;
    let mut engine = Engine::new();
    engine.set_rego_v0(arguments[2] == "v0");
    for policy in &arguments[6..] {
        engine.add_policy_from_file(policy)?;
    }
    engine.add_data(data.clone())?;
    engine.set_input(input.clone());
    let result = engine.eval_rule(entrypoint.clone())?;
    let interpreted = time(seconds, || {
        engine.set_input(input.clone());
        black_box(engine.eval_rule(entrypoint.clone()).is_ok());
    });

    let mut executed = "null".to_string();
    if let Ok(mut machine) = machine(&mut engine, entrypoint, &data) {
        machine.set_input(input.clone());
        if machine.execute().is_ok_and(|value| value == result) {
            let took = time(seconds, || {
                machine.set_input(input.clone());
                black_box(machine.execute().is_ok());
            });
            executed = format!("{took:.1}");
        }
    }
    let shown = if result == Value::Undefined { "null".to_string() } else { result.to_json_str()? };
    println!("{{\"interpreter\": {interpreted:.1}, \"machine\": {executed}, \"result\": {shown}}}");
    Ok(())
}
