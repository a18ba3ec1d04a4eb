// Runs declarative Jenkinsfiles, each as a line of stdin says: JENKINSFILE, KEY=VALUE…, apart by tabs.
// Just as much of Jenkins as the files in ci/ use; what it does not know fails. Parameters and variables are KEY=VALUE.
import groovy.transform.Field

@Field Map<String, String> values = [:]
@Field String result = 'SUCCESS'

class Failed extends RuntimeException {
    Failed(String why) { super(why) }
}

def shell(String script) {
    // As Jenkins does.
    def process = new ProcessBuilder('sh', '-xe', '-c', script)
    if (values.WORKSPACE) { process.directory(new File(values.WORKSPACE)) }
    process.environment().putAll(values)
    process.redirectErrorStream(true)
    def started = process.start()
    started.outputStream.close()
    started.inputStream.eachLine { println it }
    return started.waitFor()
}

class Steps {
    def script
    Map<String, String> env
    Map<String, String> params

    def propertyMissing(String name) { throw new Failed("no property ${name}") }
    def methodMissing(String name, arguments) { throw new Failed("no step ${name}") }

    def sh(String text) {
        int code = script.shell(text)
        if (code != 0) { throw new Failed("script returned exit code ${code}") }
    }
    def sh(Map named) {
        assert named.keySet() == ['returnStatus', 'script'] as Set && named.returnStatus
        return script.shell(named.script)
    }
    def input(Map named) { println "INPUT ${named.message}" }
    def error(Object why) { throw new Failed(why.toString()) }
    def unstable(Object why) {
        println "UNSTABLE ${why}"
        script.result = 'UNSTABLE'
    }
    def script(Closure body) { script.within(this, body) }
    def fileExists(String path) { new File(env.WORKSPACE, path).exists() }
    def archiveArtifacts(Map named) { println "ARTIFACTS ${named.artifacts}" }
    def junit(Map named) { println "JUNIT ${named.testResults}" }
    def codingHtmlReport(Map named) { println "HTML ${named.path}/${named.entryFile}" }
    def checkout(Map named) { assert named['$class'] == 'GitSCM' && named.userRemoteConfigs[0].containsKey('credentialsId') }
    def cloudApi(Map named) { named }
    def withCredentials(List bindings, Closure body) {
        bindings.each { found ->
            assert found.credentialsId
            env[found.secretIdVariable] = System.getenv('SECRET_ID')
            env[found.secretKeyVariable] = System.getenv('SECRET_KEY')
        }
        try {
            script.within(this, body)
        } finally {
            bindings.each { found -> [found.secretIdVariable, found.secretKeyVariable].each { env.remove(it) } }
        }
    }
}

def within(delegate, Closure body) {
    body.delegate = delegate
    body.resolveStrategy = Closure.DELEGATE_ONLY
    return body()
}

class Stage {
    def script
    def steps
    boolean wanted = true
    Closure body
    Closure always = { }

    def when(Closure condition) { script.within(this, condition) }
    def expression(Closure condition) { wanted = script.within(steps, condition) }
    def steps(Closure body) { this.body = body }
    def post(Closure posts) { script.within(this, posts) }
    def always(Closure body) { this.always = body }
}

class Pipeline {
    def script
    def steps

    def getAny() { 'any' }
    def agent(String which) { assert which == 'any' }
    def options(Closure body) { script.within(new Options(), body) }
    def parameters(Closure body) { script.within(new Parameters(script: script), body) }
    def environment(Closure body) { script.within(new Environment(script: script), body) }
    def stages(Closure body) { script.within(this, body) }
    def stage(String name, Closure body) {
        def stage = new Stage(script: script, steps: steps)
        script.within(stage, body)
        if (!stage.wanted) { return }
        println "STAGE ${name}"
        try {
            script.within(steps, stage.body)
        } finally {
            script.within(steps, stage.always)
        }
    }
}

class Options {
    def disableConcurrentBuilds() { }
    def timeout(Map named) { assert named.unit == 'HOURS' }
}

class Parameters {
    def script

    def choice(Map named) {
        script.values.putIfAbsent(named.name, named.choices[0])
        assert script.values[named.name] in named.choices
    }
    def string(Map named) { script.values.putIfAbsent(named.name, named.defaultValue) }
}

class Environment {
    def script

    def credentials(String id) { System.getenv(id.endsWith('id') ? 'SECRET_ID' : 'SECRET_KEY') }
    void setProperty(String name, Object value) {
        if (name == 'script') { this.@script = value } else { script.values[name] = value.toString() }
    }
}

def main = this
def loader = new GroovyShell(new Binding())
System.in.eachLine { line ->
    def words = line.split('\t') as List
    values.clear()
    result = 'SUCCESS'
    words.tail().each { pair ->
        def (key, value) = pair.split('=', 2) as List
        values[key] = value
    }
    def parsed = loader.parse(new File(words.head()))
    parsed.metaClass.pipeline = { Closure body ->
        def steps = new Steps(script: main, env: main.values, params: main.values)
        main.within(new Pipeline(script: main, steps: steps), body)
    }
    try {
        parsed.run()
    } catch (Failed failed) {
        println "FAILURE ${failed.message}"
        result = 'FAILURE'
    }
    println "RESULT ${result}"
    System.out.flush()
}
